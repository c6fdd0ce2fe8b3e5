"""Capacity densities of photovoltaics: mandatory, with a source, in a unit that can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.solar_spec import FORMS, Density, SolarSettings
from jxgis.toml_reader import TableReader

# Keys of a density and words of a command line for the two units, which are the same number.
_NAMES = {"mw_per_km2": "MW/km²", "w_per_m2": "W/m²"}
_UNITS = re.compile(r"(?:MW\s*/\s*km|W\s*/\s*m)(?:2|²|\^2)", re.IGNORECASE)
_WRITTEN = re.compile(
    r"\s*(?P<form>\w+)\s*=\s*(?P<value>[\d.]+)\s*(?P<unit>[^\s,;]+)\s*[,;]\s*(?P<source>.*\S)\s*"
)

# Between these a density can be meant in watts a square metre: less is no plant, and more than
# the best modules lying side by side give.
_DENSITIES = (5.0, 260.0)

# Figures that were published, to be written down by whoever stands for them.
_CITED = {
    "roof": ("w_per_m2", "137.5", "suitable roof, Gagnon 2018"),
    "ground": ("mw_per_km2", "86", "LBNL, median of fixed tilt"),
}
_OF_AN_OPTION = {"mw_per_km2": "MW/km2", "w_per_m2": "W/m2"}


def read_densities(table: TableReader) -> dict[str, Density]:
    """Read ``[solar.density]``: form to its density; its faults go to the table's list.

    Parameters
    ----------
    table
        The table, empty where there is none.
    """
    found = {}
    for form in table:
        if form not in FORMS:
            table.fault(
                _("{name} is no form of panels").format(name=form),
                _("Known are: {names}").format(names=", ".join(FORMS)),
            )
            continue
        own = table.table(form)
        given = [key for key in _NAMES if key in own]
        values = [own.positive(key) for key in _NAMES]
        source = own.title("source") or ""
        if len(given) != 1:
            own.fault(
                _("a density is given by one of {names}").format(names=", ".join(_NAMES)), _units()
            )
        elif not source.strip():
            own.fault(
                _("{key} is missing").format(key="source"),
                _("Say whose figure it is: it decides the result, and is printed with it"),
            )
        value = next((value for value in values if value is not None), None)
        if value is not None and len(given) == 1:
            if not _is_plausible(value):
                own.fault(_implausible(form, value, _NAMES[given[0]]), _units())
            found[form] = Density(value, source)
        own.finish()
    return found


def density_faults(
    settings: SolarSettings, forms: Iterable[str], *, by_option: bool = False
) -> Iterator[tuple[str, str]]:
    """Find forms of panels that have no density, which no default stands in for.

    Parameters
    ----------
    settings
        The table.
    forms
        Of `FORMS`, those that occur: land that carries them, or roofs with a share.
    by_option
        Whether the table was made of options, and there is no plan to write into.

    Yields
    ------
    problem, mend : tuple of str
        As an `InputError` has them.
    """
    for form in sorted(set(forms) - set(settings.density), key=FORMS.index):
        key, value, source = _CITED.get(form, ("mw_per_km2", "…", "…"))
        if by_option:
            line = f'--density "{form}={value} {_OF_AN_OPTION[key]}, {source}"'
        else:
            line = f'{form} = {{ {key} = {value}, source = "{source}" }}'
        yield (
            _("no density is given for {form}: how many MW stand on a km² of it").format(form=form),
            _mend(is_cited=form in _CITED, by_option=by_option).format(line=line),
        )


def _mend(*, is_cited: bool, by_option: bool) -> str:
    if by_option:
        if is_cited:
            return _("Give, with a figure that you stand for: {line}")
        return _("Give, with the figure of a plant like it: {line}")
    if is_cited:
        return _("Write under [solar.density], with a figure that you stand for: {line}")
    return _("Write under [solar.density], with the figure of a plant like it: {line}")


def written_density(text: str) -> tuple[str, Density]:
    """Read a density as a command line has it: ``ground=86 MW/km2, LBNL median of fixed tilt``.

    Parameters
    ----------
    text
        The form, the figure with its unit (MW/km2 or W/m2), and whom it is from.

    Returns
    -------
    form : str
        One of `FORMS`.
    density : Density
        With its source.

    Raises
    ------
    InputError
        If a part is missing, or the figure cannot be a density in its unit.
    """
    found = _WRITTEN.fullmatch(text)
    example = _('Write it like this: "{example}"').format(
        example="ground=86 MW/km2, LBNL median of fixed tilt"
    )
    if found is None:
        raise InputError(
            _('"{text}" is no density with its unit and source').format(text=text), mend=example
        )
    form, unit = found["form"], found["unit"]
    if form not in FORMS:
        raise InputError(
            _("{name} is no form of panels").format(name=form),
            mend=_("Known are: {names}").format(names=", ".join(FORMS)),
        )
    if not _UNITS.fullmatch(unit):
        raise InputError(
            _("the density of {form} is in {unit}").format(form=form, unit=unit), mend=_units()
        )
    try:
        value = float(found["value"])
    except ValueError:
        raise InputError(
            _('"{text}" is no density with its unit and source').format(text=text), mend=example
        ) from None
    if not _is_plausible(value):
        raise InputError(_implausible(form, value, unit), mend=_units())
    return form, Density(value, found["source"])


def _is_plausible(w_per_m2: float) -> bool:
    least, most = _DENSITIES
    return least <= w_per_m2 <= most


def _implausible(form: str, value: float, unit: str) -> str:
    least, most = _DENSITIES
    return _(
        "a density of {value:g} {unit} for {form} cannot be: it lies between {least:g} and {most:g}"
    ).format(value=value, unit=unit, form=form, least=least, most=most)


def _units() -> str:
    return _(
        "Write it in MW/km² or W/m², which are the same number: 1 MW/ha is 100, 1 kW/m² is 1000, "
        "and 1 kW/mu is 1.5"
    )
