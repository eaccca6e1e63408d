"""A real Neo4j server for the tests: one at a given address, one in Docker, or one from Maven's jars.

The first of these that is there serves:

1. the server at KG_TEST_NEO4J_URI, with KG_TEST_NEO4J_USERNAME (neo4j) and KG_TEST_NEO4J_PASSWORD. The tests EMPTY its
   database, so these are names of their own and not the NEO4J_* that `kg` itself reads;
2. a container, where a Docker engine runs;
3. the jars of tests/data/neo4j/pom.xml, where Java 17 and Maven are. They are fetched once, into
   ~/.cache/kg-papers (or $XDG_CACHE_HOME/kg-papers).

Servers of the kinds 2 and 3 listen on the loopback interface only and end with the tests, however those end.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from needed import missing
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

POM = Path(__file__).parent / "data/neo4j/pom.xml"
VERSION = re.search(r"<neo4j.version>(.+)</neo4j.version>", POM.read_text())[1]
IMAGE = f"neo4j:{VERSION}-community"
JARS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / f"kg-papers/neo4j-{VERSION}"
PATIENCE = 120  # seconds for a start
_OPENED = ["java.nio", "java.io", "sun.nio.ch", "java.util.concurrent"]  # packages of java.base that Neo4j looks into
JAVA = ["java", *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED)]
JAVA += ["-Dio.netty.tryReflectionSetAccessible=true", "-Xmx512m"]
JAVA += ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # a start takes half the time so


def start_server(folder: Path) -> Server:
    """A server that answers; it keeps its files in `folder`. `close` it in the end."""
    server = _server(folder)
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return server


def _server(folder: Path) -> Server:
    if uri := os.environ.get("KG_TEST_NEO4J_URI"):
        username = os.environ.get("KG_TEST_NEO4J_USERNAME", "neo4j")
        return Server(uri, username, os.environ.get("KG_TEST_NEO4J_PASSWORD", ""))
    if _prints("docker", "info") is not None:
        return DockerServer(folder)
    java = re.search(r'version "(\d+)', _prints("java", "-version") or "")
    if java and int(java[1]) >= 17 and (JARS.exists() or shutil.which("mvn")):
        _fetch_jars()
        return JavaServer(folder)
    return missing(
        "no Neo4j server to test with: install Java 17 and Maven (Debian: apt-get install maven default-jdk-headless),"
        " or start Docker, or set KG_TEST_NEO4J_URI to a server whose database may be emptied"
    )


def _prints(*command: str) -> str | None:
    """What a command prints, None where it fails or is not there."""
    try:
        return _run(*command, timeout=30)
    except (OSError, RuntimeError, subprocess.TimeoutExpired):
        return None


class Server:
    """A server that somebody else runs."""

    owned = False  # whether stop and kill are possible

    def __init__(self, uri: str, username: str, password: str) -> None:
        self.uri, self.username, self.password = uri, username, password

    def start(self) -> None:
        """Return when the server answers; start it before if need be. RuntimeError if it does not answer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.query("RETURN 1")
                return
            except AuthError as error:
                raise RuntimeError(f"{self.uri} refuses the tests' username and password: {error.message}") from error
            except (DriverError, Neo4jError) as error:
                if time.monotonic() > deadline or not self._runs():
                    raise RuntimeError(f"{self.uri} does not answer: {error}\n{self._log()[-3000:]}") from error
            time.sleep(0.2)

    def stop(self) -> None:
        """Shut the server down in good order; its data stay."""
        raise RuntimeError(f"{self.uri} is not ours to stop")

    def kill(self) -> None:
        """End the server at once, as a failing machine does; its data stay."""
        raise RuntimeError(f"{self.uri} is not ours to kill")

    def close(self) -> None:
        """End the server for good."""

    def admin(self, *arguments: str, input_dir: Path | None = None) -> str:
        """What `neo4j-admin ARGUMENTS` prints, run in `input_dir`. Stop the server before. RuntimeError if it fails."""
        pytest.skip("neo4j-admin needs the server that is made of Maven's jars")

    def environment(self) -> dict[str, str]:
        """What tells a `kg` process where the server is."""
        return {"NEO4J_URI": self.uri, "NEO4J_USERNAME": self.username, "NEO4J_PASSWORD": self.password}

    def query(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        with GraphDatabase.driver(self.uri, auth=(self.username, self.password)) as driver, driver.session() as session:
            return session.run(text, parameters).data()

    def clear(self) -> None:
        """Remove all constraints, indexes other than those of new databases, nodes and relationships."""
        for row in self.query("SHOW CONSTRAINTS YIELD name"):
            self.query("DROP CONSTRAINT $name", name=row["name"])
        for row in self.query("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"):
            self.query("DROP INDEX $name", name=row["name"])
        self.query("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")

    def _runs(self) -> bool:
        return True

    def _log(self) -> str:
        return ""


class DockerServer(Server):
    """A container, which keeps its data until it is closed."""

    owned = True

    def __init__(self, folder: Path) -> None:
        port = _free_port()
        super().__init__(f"bolt://127.0.0.1:{port}", "neo4j", secrets.token_hex(16))
        self._name = f"kg-test-{secrets.token_hex(6)}"
        self._end = _when_we_end("docker", "rm", "--force", "--volumes", self._name)
        settings = {
            "NEO4J_server_bolt_advertised__address": f"127.0.0.1:{port}",
            "NEO4J_server_memory_heap_max__size": "512m",
            "NEO4J_server_memory_pagecache_size": "256m",
            "NEO4J_dbms_usage__report_enabled": "false",
        }
        options = [f"--env={name}={value}" for name, value in settings.items()]
        options += ["--env=NEO4J_AUTH", f"--publish=127.0.0.1:{port}:7687", f"--name={self._name}"]
        _run("docker", "create", *options, IMAGE, env=os.environ | {"NEO4J_AUTH": f"neo4j/{self.password}"})

    def start(self) -> None:
        _run("docker", "start", self._name)
        super().start()

    def stop(self) -> None:
        _run("docker", "stop", "-t", "60", self._name)

    def kill(self) -> None:
        _run("docker", "kill", self._name)

    def close(self) -> None:
        self._end.communicate()

    def _runs(self) -> bool:
        return (_prints("docker", "inspect", "--format={{.State.Running}}", self._name) or "").strip() == "true"

    def _log(self) -> str:
        return _prints("docker", "logs", "--tail=30", self._name) or ""


class JavaServer(Server):
    """A Java process with its home in `folder`."""

    owned = True

    def __init__(self, folder: Path) -> None:
        port = _free_port()
        super().__init__(f"bolt://127.0.0.1:{port}", "neo4j", secrets.token_hex(16))
        self._home = folder.resolve() / "home"
        for name in ("conf", "data", "logs", "run", "import", "plugins"):
            (self._home / name).mkdir(parents=True)
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{port}",
            "server.bolt.advertised_address": f"127.0.0.1:{port}",
            "server.http.enabled": "false",
            "server.memory.pagecache.size": "256m",
            "db.tx_log.preallocate": "false",
            "dbms.usage_report.enabled": "false",
            "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",  # 5 s each, of which every stop takes both
            "internal.server.bolt.connection_shutdown_wait_time": "1s",
        }
        conf = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self._home / "conf/neo4j.conf").write_text(conf)
        self._console = folder / "console.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.admin("dbms", "set-initial-password", self.password)

    def start(self) -> None:
        if not self._runs():
            self.kill()
            command = [*JAVA, "-cp", f"{JARS}/*", "org.neo4j.server.CommunityEntryPoint"]
            command += [f"--home-dir={self._home}", f"--config-dir={self._home / 'conf'}"]
            with self._console.open("ab") as log:
                # In a session of its own, so that Ctrl-C reaches the tests only.
                self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            self._end = _when_we_end("kill", "-KILL", str(self._process.pid))
        super().start()

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._ended(self._process)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._ended(self._process)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        process.wait(60)
        self._end.kill()
        self._end.communicate()
        self._process = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._home / "data")

    def admin(self, *arguments: str, input_dir: Path | None = None) -> str:
        if self._runs():
            raise RuntimeError("stop the server before neo4j-admin")
        command = [*JAVA, f"-Dbasedir={self._home}", "-cp", f"{JARS}/*", "org.neo4j.cli.AdminTool", *arguments]
        home = {"NEO4J_HOME": str(self._home), "NEO4J_CONF": str(self._home / "conf")}
        return _run(*command, cwd=input_dir or self._home, env=os.environ | home)

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _log(self) -> str:
        logs = (self._home / "logs/neo4j.log", self._console)
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())


def _fetch_jars() -> None:
    """Let Maven fetch the jars, 123 MB, beside their place and move them there when all have come."""
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{JARS}.lock"):
        if JARS.exists():
            return
        part = JARS.with_name(f"{JARS.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        options = ["-DincludeScope=runtime", f"-DoutputDirectory={part}"]
        try:
            _run("mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", *options)
        except RuntimeError as error:
            missing(f"no Neo4j server to test with: {error}")
        part.rename(JARS)


def _run(*command: str, **options: Any) -> str:
    """What a command prints. RuntimeError with the end of that if it fails."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **options
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:2])} … failed with code {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def _when_we_end(*command: str) -> subprocess.Popen[bytes]:
    """A process that runs `command` when this one ends, even if killed, or when `communicate()` is called.

    It waits for the end of a pipe that only this process holds open.
    """
    return subprocess.Popen(
        ["sh", "-c", 'read -r _; exec "$@" > /dev/null 2>&1', "sh", *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _free_port() -> int:
    """A port of the loopback interface that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
