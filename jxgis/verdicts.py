"""What the rules of siting say of one place, as lines for a person and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jxgis.i18n import _
from jxgis.results import plain
from jxgis.solar.answers import form_title, said
from jxgis.solar.why import Verdict


def verdicts_text(verdicts: Sequence[Verdict]) -> str:
    """Return a paragraph a day: allowed and how, or every rule that forbids it.

    Parameters
    ----------
    verdicts
        One a day.
    """
    return "\n\n".join("\n".join(_lines(verdict)) for verdict in verdicts)


def _lines(verdict: Verdict) -> Iterator[str]:
    day, use = verdict.day.isoformat(), verdict.use
    if verdict.stands is not None:
        yield {
            "building": _("{day}: a building stands here; panels go onto its roof"),
            "pv": _("{day}: panels stand here already"),
        }[verdict.stands].format(day=day)
    elif verdict.form is not None:
        yield _("{day}: allowed, {form}").format(day=day, form=form_title(verdict.form))
    elif verdict.binding:
        yield _("{day}: forbidden").format(day=day)
    else:
        yield _("{day}: no rule gives this land to panels").format(day=day)
    if use is not None and use.form and verdict.form is None:
        yield _("  {title} could carry panels ({form}), but:").format(
            title=use.title, form=form_title(use.form)
        )
    elif use is not None:
        yield _("  {title}: {reason} ({source})").format(
            title=use.title, reason=use.reason, source=use.source
        )
    for bound in verdict.binding:
        away = "" if not bound.distance_m else _(", {m:,.1f} m away").format(m=bound.distance_m)
        yield "  " + said(bound.rule) + away


def verdicts_json(lonlat: tuple[float, float], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the same as plain values.

    Parameters
    ----------
    lonlat
        The place, degrees.
    verdicts
        One a day.
    """
    days = [
        {
            "day": verdict.day,
            "allowed": verdict.form,
            "stands": verdict.stands,
            "use": verdict.use and verdict.use.id,
            "forbidden_by": [
                {
                    "rule": bound.rule.id,
                    "title": bound.rule.title,
                    "distance_m": bound.distance_m,
                    "value": bound.rule.value,
                    "unit": bound.rule.unit,
                    "since": bound.rule.since,
                    "until": bound.rule.until,
                    "reason": bound.rule.reason,
                    "source": bound.rule.source,
                }
                for bound in verdict.binding
            ],
        }
        for verdict in verdicts
    ]
    return {"lon": lonlat[0], "lat": lonlat[1], "days": plain(days)}
