"""Tables and queries of a PostGIS database, read without writing.

Credentials come from the environment (``PGUSER``, ``PGPASSWORD``), ``.pgpass`` or a service file,
never from a plan, which is passed on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from jxgis.cleaning import place
from jxgis.errors import InputError, MissingToolError, NetworkError
from jxgis.i18n import _
from jxgis.layers import RawLayer
from jxgis.results import InputFile
from jxgis.sources import prj
from jxgis.sources.found import one_line
from jxgis.sources.postgis import Query, Rows
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    import psycopg

_CONNECT_TIMEOUT_S = 10
_STATEMENT_TIMEOUT_S = 600
_SECRETS = ("password", "sslpassword", "oauth_client_secret")

# A password in a URL or a key-value string, before anything has parsed it.
_PASSWORD = re.compile(r"://[^@?]*:[^@?]*@|\b(ssl)?password\s*=", re.IGNORECASE)

_PORTS = re.compile(r"[\d,]*")

# What libpq says of a server; the lines after it ask whether the server is running.
_REFUSED = re.compile(
    r'connection to server (?:at "(?P<host>[^"]*)"(?: \([^)]*\))?, port (?P<port>\d+)'
    r'|on socket "(?P<socket>[^"]*)") failed: (?P<why>.*)'
)


def read(spec: LayerSpec) -> RawLayer:
    """Read a table or a query.

    Parameters
    ----------
    spec : LayerSpec
        ``database`` is a URL (``postgresql://host/db``) or ``service=NAME``, without a password;
        ``table`` (``schema.table``) or ``sql`` says what to read, ``layer`` which geometry column
        where there are several, ``where`` which rows.

    Returns
    -------
    RawLayer
        In the CRS that the geometries' SRID names.

    Raises
    ------
    InputError
        A password in the plan, no such table or column, an SQL error, no rows.
    NoCrsError
        The SRID is 0 or unknown and the plan names no ``crs``.
    NetworkError
        The database does not answer, or lets nobody in.
    MissingToolError
        psycopg is not installed.
    """
    if _PASSWORD.search(spec.database or ""):
        raise _password_written(spec)
    try:
        import psycopg
    except ImportError as error:
        raise MissingToolError(
            _("reading a database needs psycopg"),
            mend=_('Install it with: pip install "jxgis[postgis]"'),
            layer=spec.name,
        ) from error
    try:
        with _connect(spec) as connection:
            rows = Query(connection, spec).rows()
    except psycopg.OperationalError as error:
        raise NetworkError(
            _("the database broke off: {reason}").format(reason=_reason(error)),
            **place(spec),
        ) from error
    except psycopg.Error as error:
        raise InputError(
            _("the database refuses: {reason}").format(reason=_reason(error)),
            mend=_("Correct table = … or sql = … under [layers.{layer}]").format(layer=spec.name),
            **place(spec),
        ) from error
    return _raw_layer(rows, spec)


def _password_written(spec: LayerSpec) -> InputError:
    return InputError(
        _("the plan holds a database password"),
        mend=_(
            "Take it out, and give it by PGPASSWORD, .pgpass or a service file "
            '(database = "service=NAME")'
        ),
        layer=spec.name,
    )


def _no_connection(spec: LayerSpec) -> InputError:
    return InputError(
        _("database = … is no connection that PostgreSQL knows"),
        mend=_('Write it like "postgresql://host/name" or "service=NAME"'),
        layer=spec.name,
    )


def _connect(spec: LayerSpec) -> psycopg.Connection[Any]:
    import psycopg
    from psycopg import conninfo
    from psycopg.types.numeric import FloatLoader

    try:
        given = conninfo.conninfo_to_dict(spec.database or "")
    except psycopg.Error:
        raise _no_connection(spec) from None  # its text may quote the connection
    if any(secret in given for secret in _SECRETS):
        raise _password_written(spec)
    if not _PORTS.fullmatch(str(given.get("port", ""))):  # "me:password" without a host
        raise _no_connection(spec)
    try:
        connection = psycopg.connect(
            spec.database or "",
            connect_timeout=given.get("connect_timeout", _CONNECT_TIMEOUT_S),
            prepare_threshold=0,
        )
    except psycopg.Error as error:
        raise NetworkError(
            _("no connection to the database: {reason}").format(reason=_reason(error)),
            mend=_("Check host and name, and PGUSER, PGPASSWORD, .pgpass or the service file"),
            **place(spec),
        ) from error
    connection.read_only = True
    connection.adapters.register_loader("numeric", FloatLoader)
    connection.execute(f"SET statement_timeout = '{_STATEMENT_TIMEOUT_S}s'")
    return connection


def _reason(error: Exception) -> str:
    """Return what PostgreSQL says, without the position and the hints."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary:
        return one_line(str(primary))
    said = str(error).strip()
    if refused := _REFUSED.search(said):
        name = getattr(getattr(error, "pgconn", None), "host", b"").decode() or refused["host"]
        where = refused["socket"] or f"{name}:{refused['port']}"
        return _("{why} on {place}").format(why=one_line(refused["why"]), place=where)
    return one_line(said.splitlines()[0])


def _raw_layer(rows: Rows, spec: LayerSpec) -> RawLayer:
    if rows.data.empty and not rows.wkb:
        raise InputError(
            _("no row is what the plan asks for") if spec.where else _("it holds no rows"),
            mend=_("Check table, sql and where under [layers.{layer}]").format(layer=spec.name),
            **place(spec),
        )
    try:
        shapes = shapely.from_wkb(np.array([_bytes(wkb) for wkb in rows.wkb], dtype=object))
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise InputError(
            _("column {column} holds a kind of geometry that cannot be read").format(
                column=rows.geometry
            ),
            mend=_("Read it with sql = … and ST_CurveToLine"),
            **place(spec),
        ) from error
    points = shapely.get_coordinates(shapes)
    lacks = _("SRID {srid}").format(srid=rows.srid)
    crs, ledger = prj.settle(rows.crs, spec, points, lacks=lacks)
    data = gpd.GeoDataFrame(rows.data, geometry=shapes, crs=crs)
    source = InputFile(
        path=f"{spec.source} {spec.table or _('query')}",
        sha256=_sha256(rows.wkb),
        features=len(data),
        crs=prj.crs_name(crs),
        layer=rows.geometry,
        as_of=spec.as_of,
        attribution=spec.attribution,
    )
    return RawLayer(data, (source,), tuple(ledger))


def _bytes(wkb: Any) -> bytes | None:
    return None if wkb is None else bytes(wkb)


def _sha256(wkb: Sequence[Any]) -> str:
    """Return a digest of the geometries that does not hang on the order of the rows."""
    each = sorted(hashlib.sha256(_bytes(shape) or b"").digest() for shape in wkb)
    return hashlib.sha256(b"".join(each)).hexdigest()
