"""What a layer's source is printed as: never a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import ProgrammingError, conninfo

from jxgis.spec import LayerSpec, is_connection, shown_connection, shown_words


@pytest.mark.parametrize(
    ("connection", "shown"),
    [
        ("postgresql://localhost/city", "postgresql://localhost/city"),
        ("postgresql://me@db.example.cn:5432/city", "postgresql://db.example.cn/city"),
        ("postgresql://me:p@ss@host/db", "postgresql://host/db"),
        ("postgresql://me:hun/ter2@host/db", "postgresql://host/db"),
        ("postgresql://[::1]:5432/db", "postgresql://::1/db"),
        ("postgresql:///city?host=/run/pg&user=me", "postgresql:///run/pg/city"),
        ("postgresql:///?service=planning", "service=planning"),
        ("service=planning", "service=planning"),
        ("host=h password='my secret' dbname=city", "postgresql://h/city"),
        ("host=h password = 'a\\'b c' dbname=city", "postgresql://h/city"),
        ("user=me dbname=city", "postgresql:///city"),
        ("postgresql://me:pa?ss@host/db", "postgresql://…"),
        ("postgresql://me:1/se?cret@host/db", "postgresql://…"),
        ("postgresql://me:secret/db", "postgresql://…"),
        ("host=h password=my secret dbname=city", "postgresql://…"),
        ("host='secret password=x", "postgresql://…"),
        ("postgresql://host/dbname=x password=y", "postgresql://…"),
        ("PG:host=h password=secret", "postgresql://…"),
    ],
)
def test_of_a_connection_only_host_database_and_service_are_shown(connection, shown):
    assert shown_connection(connection) == shown
    assert LayerSpec("stops", "stops", database=connection).source == shown
    assert is_connection(connection)


@given(st.text("@:/?&=' \\ab嘉", max_size=12))
def test_no_password_is_shown_however_it_is_written(noise):
    secret = f"HUNTER{noise}TWO"
    escaped = secret.replace("\\", "\\\\").replace("'", "\\'")
    for connection in (
        f"postgresql://me:{secret}@host/db",
        f"postgresql://me:{secret}@host/db?sslmode=require",
        f"postgresql://host/db?password={secret}",
        f"host=h password='{escaped}' dbname=city",
        f"password='{escaped}'",
        f"host=h password={secret}",
    ):
        shown = shown_connection(connection)
        # An unescaped & or blank in the password begins a new word; no reader can tell.
        if not any(f"{key}=" in noise for key in ("host", "dbname", "service")):
            assert "TWO" not in shown, connection
            assert "HUNTER" not in shown, connection


WORD = st.text("abcxyz019_.-", min_size=1, max_size=8)


@given(WORD, WORD, st.text("abc '\\=@:/?", max_size=8), st.permutations(range(4)))
def test_host_and_database_are_those_that_libpq_reads(host, database, password, order):
    made = conninfo.make_conninfo("", host=host, dbname=database, password=password, user="me")
    shown = shown_connection(made)
    words = conninfo.conninfo_to_dict(made)
    assert shown == f"postgresql://{words['host']}/{words['dbname']}"
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    parts = [f"host = {host}", f"dbname='{database}'", f"password='{quoted}'", "port=5432"]
    mixed = " ".join(parts[i] for i in order)
    words = conninfo.conninfo_to_dict(mixed)
    assert shown_connection(mixed) == f"postgresql://{words['host']}/{words['dbname']}"


@given(st.text("host=dbname service'\\ :/@?abc", max_size=30))
def test_what_is_shown_of_words_is_a_value_that_libpq_reads(words):
    shown = shown_connection(words)
    try:
        known = conninfo.conninfo_to_dict(words)
    except ProgrammingError:
        return
    if "://" not in words and not shown.endswith("…"):
        named = {known.get(key, "") for key in ("host", "dbname", "service")}
        assert set(shown.removeprefix("postgresql://").split("/")) <= named | {
            f"service={known.get('service')}"
        }


@pytest.mark.parametrize("word", ["stops.shp", "C:/host.shp", "a/date=2019/b.parquet", "嘉兴"])
def test_a_path_is_no_connection(word):
    assert not is_connection(word)
    assert LayerSpec("stops", "stops", path=word).source == word


def test_a_command_line_is_written_down_without_passwords():
    words = ["coverage", "--stops", "host=h password=x1", "--area=postgresql://me:x1@h/d", "a=b"]
    words += ["--layer", "zones.database=password=x1 dbname=d"]
    assert shown_words(words) == (
        "coverage --stops postgresql://h/ --area=postgresql://h/d a=b"
        " --layer zones.database=postgresql:///d"
    )
