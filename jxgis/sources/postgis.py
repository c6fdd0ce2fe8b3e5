"""What is asked of a PostGIS database for one layer: its columns, its rows, its SRID."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyproj

from jxgis.cleaning import place
from jxgis.crs import parse_crs
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    import psycopg

# So many tables are named to a reader who asked for one that is not there.
_NAMED = 8


@dataclass(frozen=True)
class Rows:
    """What a query gave.

    Attributes
    ----------
    data
        The columns that are not geometries.
    wkb
        The geometries, in ISO WKB.
    crs, srid
        What the geometries' SRID is, None where the database does not know it.
    geometry
        Name of the geometry column.
    """

    data: pd.DataFrame
    wkb: Sequence[bytes | None]
    crs: pyproj.CRS | None
    srid: int
    geometry: str


class Query:
    """One layer's query on an open connection."""

    def __init__(self, connection: psycopg.Connection[Any], spec: LayerSpec) -> None:
        self._connection = connection
        self._spec = spec

    def rows(self) -> Rows:
        """Run it.

        Raises
        ------
        InputError
            No such table or column, several geometry columns or SRIDs, no PostGIS.
        psycopg.Error
            The database refuses.
        """
        from psycopg import sql

        source = self._source()
        columns = self._columns(source)
        geometry = self._geometry_column(columns)
        attributes = [name for name, spatial in columns.items() if not spatial]
        condition, values = self._condition(columns)
        shape = sql.Identifier(geometry)
        query = sql.SQL("SELECT {columns} FROM {source} WHERE {condition}").format(
            columns=sql.SQL(", ").join(
                [
                    *(sql.Identifier(name) for name in attributes),
                    sql.SQL("ST_AsBinary({0}::geometry), ST_SRID({0}::geometry)").format(shape),
                ]
            ),
            source=source,
            condition=condition,
        )
        found = self._connection.execute(query, values, prepare=True).fetchall()
        table = pd.DataFrame(
            [row[:-2] for row in found], columns=pd.Index(attributes, dtype=object)
        )
        srid = self._srid({row[-1] for row in found if row[-1] is not None})
        return Rows(table, [row[-2] for row in found], self._crs(srid), srid, geometry)

    def _source(self) -> Any:
        """Return the table or the query as something that can be selected from."""
        from psycopg import sql

        spec = self._spec
        if spec.sql is not None:
            inner = sql.SQL(spec.sql.strip().rstrip(";").replace("%", "%%"))
            # The line break ends a comment that the query may end with.
            return sql.SQL("({query}\n) AS layer").format(query=inner)
        parts = (spec.table or "").split(".")
        name = sql.Identifier(*parts)
        there = self._one("SELECT to_regclass(%s)", [name.as_string(self._connection)])
        if not spec.table or there is None:
            raise self._no_table()
        return sql.SQL("{table} AS layer").format(table=name)

    def _one(self, query: str, values: Sequence[Any] = ()) -> Any:
        row = self._connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    def _no_table(self) -> InputError:
        self._demand_postgis()
        found = self._connection.execute(
            "SELECT DISTINCT f_table_schema || '.' || f_table_name FROM ("
            "SELECT f_table_schema, f_table_name FROM geometry_columns UNION "
            "SELECT f_table_schema, f_table_name FROM geography_columns) AS spatial ORDER BY 1"
        ).fetchall()
        names = [row[0] for row in found]
        near = difflib.get_close_matches(self._spec.table or "", names, _NAMED, 0.3)
        listed = [*near, *(name for name in names if name not in near)]
        there = ", ".join(listed[:_NAMED]) or _("none")
        if not self._spec.table:
            problem = _("neither table = … nor sql = … says what to read")
        else:
            problem = _("there is no table {table}").format(table=self._spec.table)
        mend = _("Tables with geometries: {names}").format(names=there)
        return InputError(problem, mend=mend, **place(self._spec))

    def _demand_postgis(self) -> None:
        if self._one("SELECT to_regtype('geometry')::text") is None:
            raise InputError(
                _("the database has no PostGIS"),
                mend=_("Run CREATE EXTENSION postgis in it, or name another database"),
                **place(self._spec),
            )

    def _columns(self, source: Any) -> dict[str, bool]:
        """Return the columns, and whether each is a geometry."""
        from psycopg import sql

        self._demand_postgis()
        spatial = {
            self._one("SELECT to_regtype(%s)::oid", [name]) for name in ("geometry", "geography")
        }
        query = sql.SQL("SELECT * FROM {source} LIMIT 0").format(source=source)
        described = self._connection.execute(query, [], prepare=True).description or []
        return {column.name: column.type_code in spatial for column in described}

    def _geometry_column(self, columns: dict[str, bool]) -> str:
        spatial = [name for name, is_spatial in columns.items() if is_spatial]
        named = self._spec.layer
        if named is not None and named in spatial:
            return named
        if len(spatial) == 1 and named is None:
            return spatial[0]
        if not spatial:
            raise InputError(
                _("it has no geometry column"),
                mend=_("Name a table or a query with one"),
                **place(self._spec),
            )
        problem = (
            _("there is no geometry column {name}").format(name=named)
            if named
            else _("it has several geometry columns")
        )
        raise InputError(
            problem,
            mend=_("Write layer = … with one of: {names}").format(names=", ".join(spatial)),
            **place(self._spec),
        )

    def _condition(self, columns: dict[str, bool]) -> tuple[Any, list[Any]]:
        from psycopg import sql

        parts: list[sql.Composable] = [sql.SQL("true")]
        values: list[Any] = []
        for key, wanted in self._spec.where.items():
            name = self._spec.columns.get(key, key)
            if name not in columns:
                raise MissingColumnError(
                    _("there is no column {name}").format(name=name),
                    mend=_("The columns are: {names}").format(names=", ".join(columns)),
                    **place(self._spec),
                )
            column = sql.Identifier(name)
            if isinstance(wanted, bool):
                parts.append(sql.SQL("{} IS NOT NULL").format(column))
            else:
                parts.append(sql.SQL("{}::text = ANY(%s)").format(column))
                values.append(list(wanted))
        return sql.SQL(" AND ").join(parts), values

    def _srid(self, srids: set[int]) -> int:
        if len(srids) > 1:
            raise InputError(
                _("its geometries have several SRIDs: {srids}").format(
                    srids=", ".join(map(str, sorted(srids)))
                ),
                mend=_("Bring them to one with sql = … and ST_Transform"),
                **place(self._spec),
            )
        return srids.pop() if srids else 0

    def _crs(self, srid: int) -> pyproj.CRS | None:
        """Return the CRS that the database's own table gives the SRID."""
        row = self._connection.execute(
            "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", [srid]
        ).fetchone()
        if row is None:
            return None
        name, code, text = row
        return parse_crs(f"EPSG:{code}" if name == "EPSG" else text)
