"""A reference sample as it was filled in: held against the map, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.errors import InputError, InputErrors, MissingColumnError
from jxgis.green.enough import Enough
from jxgis.green.words import class_forms, class_title
from jxgis.i18n import _
from jxgis.kernels.accuracy import LEAST
from jxgis.layers import Layer

Words = npt.NDArray[np.object_] | npt.NDArray[np.str_]

# An error names this many points before it says "and so on".
_NAMED = 5


def confusion(layer: Layer, classes: Sequence[str], mapped: Words) -> npt.NDArray[np.intp]:
    """Count the points by class of the map and true class.

    Parameters
    ----------
    layer
        Of kind ``reference``: ``point_id``, ``reference`` and, where it is known, ``stratum``: each
        of the last two a class word or its translation into any language that there is.
    classes
        The class words, in their order.
    mapped : (n,) array
        The map's class word at each point; empty outside the mapped area.

    Returns
    -------
    (k, k) array
        Class of the map by row, true class by column.

    Raises
    ------
    MissingColumnError
        Nothing was filled in at all.
    InputError
        `InputErrors` where several things are wrong: points without reference, with an unknown
        word, or of one id; points outside the map, or drawn from another one, which only a
        column ``stratum`` can tell.
    """
    if "reference" not in layer.data:
        raise MissingColumnError(
            _("there is no column {name}").format(name="reference"),
            mend=_("Give the sample as it was drawn, with the truth of each point filled in"),
            **_place(layer),
        )
    known = {form.casefold(): word for word in classes for form in class_forms(word)}
    truth = _coded(layer.data["reference"], known)
    ids = _coded(layer.data["point_id"], {})
    shown = np.asarray(mapped, dtype=object)
    stratum = _coded(layer.data["stratum"], known) if "stratum" in layer.data else shown
    _raise(
        [
            *_repeated(layer, ids),
            *_unfilled(layer, ids, truth),
            *_unknown(layer, ids, "reference", truth, classes),
            *(_unknown(layer, ids, "stratum", stratum, classes) if stratum is not shown else ()),
            *_elsewhere(layer, ids, stratum, shown, classes),
        ]
    )
    place = {word: number for number, word in enumerate(classes)}
    matrix = np.zeros((len(classes), len(classes)), dtype=np.intp)
    np.add.at(matrix, ([place[w] for w in shown], [place[w] for w in truth]), 1)
    return matrix


def _place(layer: Layer) -> dict[str, Any]:
    """Return where an error is: the file, where it is known, and the layer."""
    file = {"file": layer.inputs[0].path} if layer.inputs else {}
    return {**file, "layer": layer.name}


def _coded(values: pd.Series, known: Mapping[str, str]) -> Words:
    """Return class words; what is not known stays as it is written, and nothing is empty."""
    texts = ["" if pd.isna(v) else str(v).strip() for v in values]
    return np.array([known.get(t.casefold(), t) for t in texts], dtype=object)


def _raise(faults: Iterable[InputError]) -> None:
    errors = list(faults)
    if errors:
        raise errors[0] if len(errors) == 1 else InputErrors(errors)


def _named(ids: Iterable[str]) -> str:
    listed = list(ids)
    first = ", ".join(listed[:_NAMED])
    if len(listed) <= _NAMED:
        return first
    return _("{names} and {n} more").format(names=first, n=len(listed) - _NAMED)


def _repeated(layer: Layer, ids: Words) -> Iterator[InputError]:
    again = pd.Series(ids).duplicated().to_numpy()
    if again.any():
        yield InputError(
            _("point_id {ids} is there more than once").format(
                ids=_named(dict.fromkeys(ids[again]))
            ),
            mend=_("Give each point its own id, or leave out the row that is one too many"),
            **_place(layer),
        )


def _unfilled(layer: Layer, ids: Words, words: Words) -> Iterator[InputError]:
    empty = words == ""
    if empty.any():
        yield InputError(
            _("{n} of {all} points have no reference: {ids}").format(
                n=int(empty.sum()), all=len(ids), ids=_named(ids[empty])
            ),
            mend=_(
                "Write what is there; leave out the row of a point only where nobody can tell, "
                "for whatever is left out makes the sample less of one drawn at random"
            ),
            **_place(layer),
        )


def _unknown(
    layer: Layer, ids: Words, column: str, words: Words, classes: Sequence[str]
) -> Iterator[InputError]:
    bad = ~np.isin(words.astype(str), classes)
    if column == "reference":
        bad &= words != ""
    if bad.any():
        forms = dict.fromkeys(form for word in classes for form in (word, class_title(word)))
        yield InputError(
            _("{column} {words} is no class of the map: {ids}").format(
                column=column,
                words=_named(dict.fromkeys(repr(w) for w in words[bad])),
                ids=_named(ids[bad]),
            ),
            mend=_("Write one of: {words}").format(words=", ".join(forms)),
            **_place(layer),
        )


def _elsewhere(
    layer: Layer, ids: Words, stratum: Words, shown: Words, classes: Sequence[str]
) -> Iterator[InputError]:
    outside = ~np.isin(shown.astype(str), classes)
    if outside.any():
        yield InputError(
            _("{n} points lie outside the mapped area: {ids}").format(
                n=int(outside.sum()), ids=_named(ids[outside])
            ),
            mend=_("Check their coordinates, or draw the sample anew from this map"),
            **_place(layer),
        )
    other = ~outside & np.isin(stratum.astype(str), classes) & (stratum != shown)
    if other.any():
        first = int(np.argmax(other))
        yield InputError(
            _(
                "the sample was drawn from another map: at {n} points this one shows another class "
                "than their stratum says, at {id} {shown} and not {stratum}"
            ).format(
                n=int(other.sum()),
                id=ids[first],
                shown=class_title(shown[first]),
                stratum=class_title(stratum[first]),
            ),
            mend=_("Measure with the imagery and rules of that map, or draw the sample anew"),
            **_place(layer),
        )


def check_points(layer: Layer, classes: Sequence[str], found: Enough) -> None:
    """Refuse a sample with too few points in a class for any estimate.

    Parameters
    ----------
    layer
        The sample.
    classes
        The class words, in their order.
    found
        Their points.

    Raises
    ------
    InputError
        `InputErrors` where several classes have too few.
    """
    _raise(
        InputError(
            _(
                "{n} points lie where the map shows {title}: how sure its area is cannot be "
                "known from fewer than {least}"
            ).format(n=points, title=class_title(word), least=LEAST),
            mend=_("Draw more points there"),
            **_place(layer),
        )
        for word, points, known in zip(
            classes, found.points.tolist(), found.for_a_variance.tolist(), strict=True
        )
        if not known
    )
