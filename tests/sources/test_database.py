"""PostGIS, against a real server that answers the same questions through psql's own functions."""

import dataclasses
import os
import socket
import sys

import psycopg
import pytest
import shapely

from jxgis.errors import (
    InputError,
    MissingColumnError,
    MissingToolError,
    NetworkError,
    NoCrsError,
)
from jxgis.sources.database import read
from jxgis.spec import LayerSpec


@pytest.fixture
def spec(city):
    return LayerSpec("stops", "stops", database=city, table="transit.Stops")


def ask(city, query):
    with psycopg.connect(city) as connection:
        return connection.execute(query).fetchone()


def test_a_table_is_read_as_the_database_has_it(spec, city):
    raw = read(spec)
    count, x, fare = ask(city, 'SELECT count(*), sum(ST_X(geom)), sum(fare) FROM transit."Stops"')
    assert len(raw.data) == count == 1000
    assert shapely.get_x(raw.data.geometry.array).sum() == pytest.approx(x)
    assert raw.data["fare"].sum() == pytest.approx(float(fare))
    assert raw.data["fare"].dtype == "float64"
    assert raw.data.crs.to_epsg() == 4549
    assert set(raw.data.columns) == {"id", "站名", "fare", "opened", "geometry"}
    assert raw.inputs[0].layer == "geom"
    assert raw.inputs[0].crs == "EPSG:4549"


def test_where_keeps_the_rows_that_the_database_would(spec):
    chosen = dataclasses.replace(
        spec, where={"name": ("站7", "站9' OR true --"), "opened": True}, columns={"name": "站名"}
    )
    assert list(read(chosen).data["id"]) == [7]
    with pytest.raises(MissingColumnError, match=r"no column nosuch.*站名"):
        read(dataclasses.replace(spec, where={"nosuch": True}))
    with pytest.raises(InputError, match="no row"):
        read(dataclasses.replace(spec, where={"站名": ("无",)}))


def test_a_query_may_use_percent_signs_comments_and_a_semicolon(spec):
    query = 'SELECT id, geom FROM transit."Stops" WHERE "站名" LIKE \'站1%\'; -- 站1…'
    query = query.replace("; -- 站1…", " -- 站1…")
    raw = read(dataclasses.replace(spec, table=None, sql=query))
    assert sorted(raw.data["id"]) == [i for i in range(1, 1001) if str(i).startswith("1")]
    ended = 'SELECT geom FROM transit."Stops" LIMIT 3;\n'
    assert len(read(dataclasses.replace(spec, table=None, sql=ended)).data) == 3


@pytest.mark.parametrize(
    "query",
    [
        'DELETE FROM transit."Stops"',
        'WITH gone AS (DELETE FROM transit."Stops" RETURNING *) SELECT * FROM gone',
        'SELECT * FROM transit."Stops") AS layer; COMMIT; DELETE FROM transit."Stops"; --',
        "SELECT setval('transit.counter', 5), * FROM globe",
        "SELEC 1",
    ],
)
def test_nothing_is_written_and_a_wrong_query_is_one_sentence(spec, city, query):
    with pytest.raises(InputError, match="refuses") as caught:
        read(dataclasses.replace(spec, table=None, sql=query))
    assert "\n" not in str(caught.value)
    assert ask(city, 'SELECT count(*) FROM transit."Stops"') == (1000,)


def test_a_missing_table_lists_the_nearest_first(spec):
    with pytest.raises(InputError, match=r"no table transit.stops\. .*: transit.Stops, ") as caught:
        read(dataclasses.replace(spec, table="transit.stops"))
    assert "public.globe" in str(caught.value)
    with pytest.raises(InputError, match="neither table"):
        read(dataclasses.replace(spec, table=None))


def test_one_of_several_geometry_columns_is_named_by_layer(spec):
    zones = dataclasses.replace(spec, table="zones", kind="zones")
    with pytest.raises(InputError, match=r"several geometry columns.*shape, centre"):
        read(zones)
    with pytest.raises(InputError, match=r"no geometry column geom.*shape, centre"):
        read(dataclasses.replace(zones, layer="geom"))
    assert set(read(dataclasses.replace(zones, layer="shape")).data.geom_type) == {"MultiPolygon"}
    centre = read(dataclasses.replace(zones, layer="centre")).data
    assert set(centre.geom_type) == {"Point"}
    assert list(centre.columns) == ["code", "geometry"]


def test_a_geography_is_read(spec):
    data = read(dataclasses.replace(spec, table="globe")).data
    assert data.crs.to_epsg() == 4326
    assert data.geometry[0].equals(shapely.Point(120.75, 30.75))


def test_srids_that_say_too_little_or_too_much(spec):
    with pytest.raises(NoCrsError, match="SRID 0"):
        read(dataclasses.replace(spec, table="nowhere"))
    told = dataclasses.replace(spec, table="nowhere", crs="EPSG:4490")
    assert read(told).data.crs.to_epsg() == 4490
    with pytest.raises(InputError, match="several SRIDs: 4326, 4490"):
        read(dataclasses.replace(spec, table="mixed"))


def test_tables_with_nothing_to_read(spec, city):
    with pytest.raises(InputError, match="holds no rows"):
        read(dataclasses.replace(spec, table="hollow"))
    with pytest.raises(InputError, match="no geometry column"):
        read(dataclasses.replace(spec, table="plain"))
    with pytest.raises(InputError, match="no PostGIS"):
        read(dataclasses.replace(spec, database=city.replace("/city", "/plain")))


def test_the_digest_holds_for_the_rows_in_any_order(spec):
    query = 'SELECT * FROM transit."Stops" ORDER BY id {}'
    up, down = (
        read(dataclasses.replace(spec, table=None, sql=query.format(way))).inputs[0].sha256
        for way in ("ASC", "DESC")
    )
    fewer = read(dataclasses.replace(spec, where={"id": ("1",)})).inputs[0].sha256
    assert up == down == read(spec).inputs[0].sha256
    assert fewer != up


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://planner:hunter2@localhost/city",
        "postgresql://planner:hun/ter2@localhost/city",
        "postgresql://localhost/city?password=hunter2",
        "host=localhost dbname=city password = hunter2",
        "host=localhost PASSWORD=hunter2",
        "postgresql://planner:p@hunter2@localhost/city",
        "host=localhost password='my hunter2'",
    ],
)
def test_a_password_in_the_plan_is_refused_and_never_shown(url):
    spec = LayerSpec("stops", "stops", database=url, table="stops")
    with pytest.raises(InputError, match=r"holds a database password.*PGPASSWORD") as caught:
        read(spec)
    assert "ter2" not in spec.source
    assert "localhost" in spec.source
    assert "ter2" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://planner:hunter2/city",
        "postgresql://planner:hun/hunter2?x@localhost/city",
        "localhost pass word hunter2",
        "PG:dbname=hunter2",
    ],
)
def test_what_libpq_cannot_read_is_not_quoted(url):
    spec = LayerSpec("stops", "stops", database=url, table="stops")
    with pytest.raises(InputError, match=r"no connection that PostgreSQL knows|password") as caught:
        read(spec)
    assert "hunter2" not in str(caught.value) + spec.source


def test_without_psycopg_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingToolError, match=r"jxgis\[postgis\]"):
        read(LayerSpec("stops", "stops", database="postgresql://localhost/city", table="stops"))


def test_the_input_names_the_place_but_not_the_user(spec, filled):
    url = f"postgresql://{filled['user']}@/city?host={filled['host']}&port=5432"
    path = read(dataclasses.replace(spec, database=url)).inputs[0].path
    assert path == f"postgresql://{filled['host']}/city transit.Stops"


def test_a_service_file_gives_the_credentials(spec, filled, tmp_path, monkeypatch):
    file = tmp_path / "services.conf"
    secret = f"user={filled['user']}\npassword={os.environ['PGPASSWORD']}\n"
    text = f"[planning]\nhost={filled['host']}\ndbname=city\n{secret}"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.delenv("PGUSER")
    raw = read(dataclasses.replace(spec, database="service=planning"))
    assert len(raw.data) == 1000
    assert raw.inputs[0].path == "service=planning transit.Stops"


def test_no_way_in_is_one_sentence(spec, tmp_path, monkeypatch):
    nobody = f"postgresql:///city?host={tmp_path}"
    with pytest.raises(NetworkError, match="no connection to the database") as caught:
        read(dataclasses.replace(spec, database=nobody))
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("PGPASSWORD", "wrong-one")
    with pytest.raises(NetworkError, match="no connection to the database") as caught:
        read(spec)
    assert "wrong-one" not in str(caught.value)
    with pytest.raises(InputError, match="no connection that PostgreSQL knows"):
        read(dataclasses.replace(spec, database="postgresql://[::1/db"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_that_is_not_there_is_named_with_the_reason(host):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    spec = LayerSpec("s", "stops", database=f"postgresql://{host}:{port}/city", table="stops")
    with pytest.raises(NetworkError, match=rf"[Cc]onnection refused on {host}:{port}\. ") as caught:
        read(spec)
    assert not set("\t\n?") & set(str(caught.value))


def test_a_server_without_a_socket_is_one_line(tmp_path):
    url = f"postgresql:///city?host={tmp_path}"
    with pytest.raises(NetworkError, match=f"No such file or directory on {tmp_path}") as caught:
        read(LayerSpec("s", "stops", database=url, table="stops"))
    assert not set("\t\n?") & set(str(caught.value).replace("?host", ""))
