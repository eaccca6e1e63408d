"""docker-compose.yml as Compose reads it, which needs no engine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from neo4j_server import IMAGE, missing

FILE = Path(__file__).parent.parent / "docker-compose.yml"
COMPOSE = (["docker-compose"], ["docker", "compose"])
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "COMPOSE_", "KG_"))}


def _run(command: list[str], *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def compose():
    found = [command for command in COMPOSE if shutil.which(command[0]) and not _run(command, "version").returncode]
    return found[0] if found else missing("no Docker Compose (Debian: apt-get install docker-compose)")


@pytest.fixture
def read(compose, tmp_path):
    """Runs Compose on the file, in a folder that has no .env."""
    shutil.copy(FILE, tmp_path)

    def read(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [*compose, "-f", "docker-compose.yml"]
        return _run(command, *arguments, cwd=tmp_path, env=ENVIRONMENT | environment)

    return read


@pytest.mark.parametrize("password", [{}, {"NEO4J_PASSWORD": ""}])
def test_no_password_no_server(read, password):
    done = read("config", **password)
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert "set NEO4J_PASSWORD to a password of 8 characters or more" in done.stderr


def test_the_server(read):
    done = read("config", NEO4J_PASSWORD="grebe-grebe", NEO4J_HEAP="4g")
    assert done.returncode == 0, done.stderr
    lines = {line.strip() for line in done.stdout.replace('"', "").splitlines()}
    assert {
        f"image: {IMAGE}",
        "NEO4J_AUTH: neo4j/grebe-grebe",
        "NEO4J_server_memory_heap_max__size: 4g",
        "NEO4J_server_memory_pagecache_size: 512m",
        "restart: unless-stopped",
    } <= lines


def test_kg_beside_the_server(read):
    assert sorted(read("--profile", "kg", "config", "--services", NEO4J_PASSWORD="grebe-grebe").stdout.split()) == [
        "kg",
        "neo4j",
    ]
    done = read("--profile", "kg", "config", NEO4J_PASSWORD="grebe-grebe")
    assert done.returncode == 0, done.stderr
    lines = {line.strip() for line in done.stdout.splitlines()}
    assert {"NEO4J_URI: bolt://neo4j:7687", "NEO4J_USERNAME: neo4j", "NEO4J_PASSWORD: grebe-grebe"} <= lines
    assert "condition: service_healthy" in lines


def test_ports_are_open_to_this_machine_only():
    ports = FILE.read_text().split("    ports:\n")[1:]
    assert [block.split("    environment:")[0].split() for block in ports] == [
        ["-", '"127.0.0.1:${NEO4J_HTTP_PORT:-7474}:7474"', "-", '"127.0.0.1:${NEO4J_BOLT_PORT:-7687}:7687"'],
    ]
