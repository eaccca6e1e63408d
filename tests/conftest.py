"""Fixtures of several test files."""

from __future__ import annotations

import os
import shutil

import pytest
from needed import missing
from neo4j_server import start_server
from playwright.sync_api import sync_playwright


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


def chromium():
    """The program of a browser: the one at KG_TEST_CHROMIUM, or Debian's Chromium."""
    names = (os.environ.get("KG_TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, (shutil.which(name) for name in names if name)), None)
    return program or missing(
        "no browser to test with: install Chromium (Debian: apt-get install chromium) or set KG_TEST_CHROMIUM"
    )


@pytest.fixture(scope="module")
def browser():
    """A real browser, without a display."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()
