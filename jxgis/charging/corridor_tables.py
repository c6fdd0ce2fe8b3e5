"""The tables and strips of an audit of expressways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from jxgis.charging.corridor_additions import Addition, Stretch
from jxgis.charging.corridor_audit import Audit
from jxgis.i18n import _
from jxgis.results import Mark, Span, Strip, Table


def tables(audit: Audit) -> tuple[Table, ...]:
    """Return all tables: sides, stretches, additions, and those of each limit by itself."""
    return (_service_areas(audit), _stretches(audit), _additions(audit), _alone(audit))


def yes_no(value: object) -> str:
    """Return a truth in the reader's language."""
    return _("yes") if value else _("no")


def km(metres: float) -> float:
    """Return kilometres with two decimals."""
    return round(metres / 1000, 2)


def service_area_rows(audit: Audit) -> pd.DataFrame:
    """Return a row for each side, by carriageway and along it."""
    rows = []
    for n, k in enumerate(audit.order.tolist(), start=1):
        side = audit.sides.data.iloc[k]
        way = audit.way(int(side["way"]))
        rows.append(
            {
                "rank": n,
                "expressway": way.expressway,
                "direction": way.direction,
                "service_area": side["area"],
                "at_km": km(side["at_m"]),
                "main": yes_no(side["main"]),
                "posts": audit.posts.posts[k],
                "fast_posts": audit.posts.fast[k],
                "charging": yes_no(audit.posts.charging[k]),
                "missing_posts": audit.missing_posts[k],
            }
        )
    return pd.DataFrame(rows, columns=list(service_area_fields()))


def service_area_fields() -> dict[str, str]:
    """Return the columns of sides and their titles."""
    return {
        "rank": _("No."),
        "expressway": _("Expressway"),
        "direction": _("Direction"),
        "service_area": _("Service area"),
        "at_km": _("At"),
        "main": _("Main service area"),
        "posts": _("Charging posts"),
        "fast_posts": _("Fast posts"),
        "charging": _("Fast charging"),
        "missing_posts": _("Posts missing"),
    }


def _service_areas(audit: Audit) -> Table:
    note = _("A row for each side; posts are missing to {n:g} fast ones at each main side.").format(
        n=audit.least_posts
    )
    return Table(
        "service_areas",
        _("Service areas, side by side"),
        service_area_rows(audit),
        service_area_fields(),
        "service_areas",
        note=note,
    )


def stretch_rows(audit: Audit) -> pd.DataFrame:
    """Return a row for each carriageway, with its longest stretch without charging."""
    rows = []
    for k, way in enumerate(audit.ways.ways):
        longest = audit.longest(k)
        rows.append(
            {
                "rank": k + 1,
                "expressway": way.expressway,
                "direction": way.direction,
                "length_km": km(way.line.length),
                "stations": audit.stations(k),
                "longest_km": km(longest.length_m),
                "from_km": km(longest.from_m),
                "to_km": km(longest.to_m),
                "from": audit.ends(longest)[0],
                "to": audit.ends(longest)[1],
                "within_spacing": yes_no(longest.length_m <= audit.spacing_m),
                "within_afir": yes_no(longest.length_m <= audit.afir_m),
                "open": yes_no(longest.is_open),
            }
        )
    return pd.DataFrame(rows)


def stretch_fields(audit: Audit) -> dict[str, str]:
    """Return the columns of carriageways and their titles."""
    within = _("Within {km:g} km")
    return {
        "rank": _("No."),
        "expressway": _("Expressway"),
        "direction": _("Direction"),
        "length_km": _("Length"),
        "stations": _("Service areas with fast charging"),
        "longest_km": _("Longest stretch without"),
        "from_km": _("Begins at"),
        "to_km": _("Ends at"),
        "from": _("From place"),
        "to": _("To place"),
        "within_spacing": within.format(km=audit.spacing_m / 1000),
        "within_afir": within.format(km=audit.afir_m / 1000),
        "open": _("Goes on beyond the data"),
    }


def _stretches(audit: Audit) -> Table:
    note = _(
        "Kilometres are counted from where the carriageway begins in the data. A stretch that "
        "goes on beyond the data is at least so long."
    )
    fields = stretch_fields(audit)
    return Table(
        "stretches", _("Stretches without fast charging"), stretch_rows(audit), fields, "ways",
        note=note,
    )  # fmt: skip


def addition_rows(audit: Audit) -> pd.DataFrame:
    """Return a row for each place where charging is to be added."""
    rows = [
        {"rank": i, **_addition(audit, one), "reason": _reason(audit, one)}
        for i, one in enumerate(audit.additions, start=1)
    ]
    return pd.DataFrame(rows, columns=list(addition_fields()))


def addition_fields() -> dict[str, str]:
    """Return the columns of additions and their titles."""
    return {
        "rank": _("No."),
        "expressway": _("Expressway"),
        "direction": _("Direction"),
        "service_area": _("Service area"),
        "at_km": _("At"),
        "from_km": _("Not before"),
        "to_km": _("Not after"),
        "reason": _("Reason"),
    }


def _addition(audit: Audit, one: Addition) -> dict[str, Any]:
    way = audit.way(one.way)
    new = one.side is None
    return {
        "expressway": way.expressway,
        "direction": way.direction,
        "service_area": _("a new site") if new else audit.area(one.side),
        "at_km": km(one.at_m),
        "from_km": km(one.from_m) if new else None,
        "to_km": km(one.to_m) if new else None,
    }


def _reason(audit: Audit, one: Addition) -> str:
    stretch = audit.stretch_at(one.way, one.at_m)
    length = _("in a stretch of {km:.1f} km, more than {limit:g} km").format(
        km=stretch.length_m / 1000, limit=audit.spacing_m / 1000
    )
    reasons = [_("a main service area without fast charging")] if audit.is_main(one.side) else []
    reasons += [length] if stretch.length_m > audit.spacing_m else []
    if one.side is None:
        reasons.append(
            _(
                "no service area: a new site is needed between km {start:.1f} and km {end:.1f}"
            ).format(start=one.from_m / 1000, end=one.to_m / 1000)
        )
    return _("; ").join(reasons)


def _additions(audit: Audit) -> Table:
    note = _(
        "The fewest that equip each side of each main service area, and after which no stretch is "
        "longer than {km:g} km."
    ).format(km=audit.spacing_m / 1000)
    return Table(
        "additions",
        _("Where fast charging is to be added"),
        addition_rows(audit),
        addition_fields(),
        "additions",
        note=note,
    )


def _alone(audit: Audit) -> Table:
    rows = [
        {"limit_km": limit / 1000, **_addition(audit, one)}
        for limit, chosen in ((audit.spacing_m, audit.spacing), (audit.afir_m, audit.afir))
        for one in chosen
    ]
    fields = {"limit_km": _("Limit"), **addition_fields()}
    del fields["rank"], fields["reason"]
    note = _("The fewest after which no stretch is longer than the limit, and nothing more.")
    frame = pd.DataFrame(rows, columns=list(fields))
    return Table("additions_alone", _("The fewest for each limit alone"), frame, fields, note=note)


def strips(audit: Audit) -> Iterator[Strip]:
    """Give a strip for each carriageway."""
    for k, way in enumerate(audit.ways.ways):
        spans = tuple(_span(stretch, audit.spacing_m) for stretch in audit.of_way(k))
        marks = sorted(_marks(audit, k), key=lambda mark: mark.at_m)
        yield Strip(f"way_{k + 1}", way.title, way.line.length, tuple(marks), spans)


def _span(stretch: Stretch, limit_m: float) -> Span:
    look = "within" if stretch.length_m <= limit_m else "beyond"
    label = _("{km:.1f} km").format(km=stretch.length_m / 1000)
    return Span(stretch.from_m, stretch.to_m, look, label)


def _marks(audit: Audit, k: int) -> Iterator[Mark]:
    own: Sequence[Addition] = [one for one in audit.additions if one.way == k]
    added = {one.side for one in own}
    data = audit.sides.data
    for row in data.index[data["way"] == k].tolist():
        look = "charging" if audit.posts.charging[row] else "bare"
        look = "proposed" if row in added else look
        yield Mark(float(data["at_m"].iloc[row]), look, audit.area(row))
    for one in own:
        if one.side is None:
            yield Mark(one.at_m, "proposed", _("a new site"))
