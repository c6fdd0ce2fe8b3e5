"""A PostgreSQL with PostGIS of the benchmark's own, where Debian's packages are installed.

The server is started in a folder of its own and the tables are loaded, indexed and analysed
before the clock starts: that is left out of PostGIS' figures, in its favour. What it then costs is
the processor time of the client, of the backend that serves it and of its parallel workers.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAINTENANCE = "autovacuum=off"  # else its workers would count as parallel ones
TABLES = ("stops", "built_up", "zones")


def binaries() -> Path | None:
    """Return the newest folder that has a server and PostGIS beside it."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        extensions = Path("/usr/share/postgresql") / folder.parent.name / "extension"
        if (folder / "initdb").exists() and (extensions / "postgis.control").exists():
            return folder
    return None


@contextmanager
def loaded(city: Path) -> Iterator[None]:
    """Serve a city's tables while the context lasts; ``postgis.txt`` says how to connect."""
    programs = binaries()
    if programs is None:
        raise SystemExit("PostgreSQL with PostGIS is not installed")
    # PostgreSQL refuses to run as root; its own user must be able to enter the folder.
    root = os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if root else []
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    if root:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), *arguments]
        subprocess.run(command, check=True, cwd=folder, capture_output=True)

    # Nobody else can connect: the socket's folder belongs to this user (or root's postgres) alone.
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c {MAINTENANCE}"
    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
        try:
            user = "postgres" if root else getpass.getuser()
            connection = f"host={folder} user={user} dbname=postgres"
            _load(city, connection)
            (city / "postgis.txt").write_text(connection, encoding="utf-8")
            yield
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load(city: Path, connection: str) -> None:
    import geopandas as gpd
    import psycopg
    import shapely

    with psycopg.connect(connection, autocommit=True) as client:
        client.execute("create extension postgis")
        for name in TABLES:
            table = gpd.read_file(city / f"{name}.gpkg")
            key = "zone_id" if name == "zones" else table.columns[0]
            client.execute(f"create table {name} (key text, geom geometry)")
            with client.cursor().copy(f"copy {name} from stdin") as copy:
                hexes = shapely.to_wkb(shapely.set_srid(table.geometry.array, 4549), hex=True)
                for row in zip(table[key].astype(str), hexes, strict=True):
                    copy.write_row(row)
            client.execute(f"create index on {name} using gist (geom); analyze {name}")


def ask(city: Path, radii: tuple[float, ...]) -> tuple[list[float], float, float]:
    """Ask PostGIS: each built-up polygon cut with the union of only the buffers near it.

    Returns
    -------
    what each radius covers and the built-up area, square metres; seconds of the processor and
    megabytes of memory that the server used
    """
    import psutil
    import psycopg

    with psycopg.connect((city / "postgis.txt").read_text("utf-8"), autocommit=True) as client:
        backend = psutil.Process(client.info.backend_pid)
        workers_before = _ended(backend.ppid())

        def number(sql: str) -> float:
            row = client.execute(sql).fetchone()
            return float(row[0]) if row else 0.0

        areas = []
        for radius in radii:
            client.execute("drop table if exists disc, covered")
            client.execute(
                f"create unlogged table disc as select st_buffer(geom, {radius}) g from stops"  # noqa: S608 - our own number
            )
            client.execute("create index on disc using gist (g)")
            client.execute("analyze disc")
            client.execute(
                "create unlogged table covered as select b.key, st_intersection(b.geom, "
                "(select st_union(d.g) from disc d where st_intersects(d.g, b.geom))) g "
                "from built_up b"
            )
            areas.append(number("select sum(st_area(g)) from covered"))
            client.execute(
                "select z.key, sum(st_area(st_intersection(c.g, z.geom))) from covered c "
                "join zones z on st_intersects(c.g, z.geom) group by z.key"
            ).fetchall()
        client.execute(
            "select z.key, sum(st_area(st_intersection(b.geom, z.geom))) from built_up b "
            "join zones z on st_intersects(b.geom, z.geom) group by z.key"
        ).fetchall()
        areas.append(number("select sum(st_area(geom)) from built_up"))
        times = backend.cpu_times()
        used = times.user + times.system + _ended(backend.ppid()) - workers_before
        return areas, used, _peak_mb(backend.pid)


def _ended(server: int) -> float:
    """Return the seconds that those of a server's processes used which have ended."""
    import psutil

    times = psutil.Process(server).cpu_times()
    return float(times.children_user + times.children_system)


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
