"""A PostgreSQL with PostGIS of the tests' own, where Debian's packages are installed."""

import getpass
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

MISSING = "PostgreSQL with PostGIS is not installed"


def _binaries():
    """Return the newest bin folder that has a server and PostGIS beside it."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        extensions = Path("/usr/share/postgresql") / folder.parent.name / "extension"
        if (folder / "initdb").exists() and (extensions / "postgis.control").exists():
            return folder
    return None


@pytest.fixture(scope="session")
def server():
    """Start a server on a socket of its own; give its connection string."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip(MISSING)
    # PostgreSQL refuses to run as root; its own user must be able to enter the folder.
    root = os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if root else []
    user = "postgres" if root else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="jxgis-pg-"))
    if root:
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(program, *args):
        command = [*as_user, str(binaries / program), *args]
        subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=60)

    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        run("initdb", "-D", str(data), "-A", "scram-sha-256", "--pwfile", str(_password(folder)))
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start")
        try:
            yield {"host": str(folder), "user": user}
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PASSWORD = secrets.token_hex(8)


def _password(folder):
    path = folder / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    path.chmod(0o644)
    return path


@pytest.fixture(scope="session")
def filled(server):
    """Fill a database with small tables; return the connection's parts."""
    admin = {**server, "password": PASSWORD}
    with psycopg.connect(dbname="postgres", autocommit=True, **admin) as connection:
        connection.execute("CREATE DATABASE city")
        connection.execute("CREATE DATABASE plain")
    with psycopg.connect(dbname="city", autocommit=True, **admin) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("CREATE SCHEMA transit")
        for statement in (Path(__file__).parent / "city.sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return server


@pytest.fixture
def city(filled, monkeypatch):
    """Give the URL of the filled database, with credentials in the environment."""
    monkeypatch.setenv("PGUSER", filled["user"])
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return f"postgresql:///city?host={filled['host']}"
