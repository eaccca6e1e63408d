"""Fixtures of several test files."""

from __future__ import annotations

import pytest
from neo4j_server import start_server


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory):
    """A running Neo4j server; see neo4j_server.py for which."""
    server = start_server(tmp_path_factory.mktemp("neo4j"))
    yield server
    server.close()


@pytest.fixture
def neo4j(neo4j_server, monkeypatch):
    """That server, up and with an empty database, and an environment that lets `kg` in."""
    neo4j_server.start()
    neo4j_server.clear()
    for name, value in neo4j_server.environment().items():
        monkeypatch.setenv(name, value)
    return neo4j_server


@pytest.fixture
def owned(neo4j):
    """That server, if the test may stop it."""
    if not neo4j.owned:
        pytest.skip("the server at KG_TEST_NEO4J_URI is not ours to stop")
    return neo4j
