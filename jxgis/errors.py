"""What can go wrong, said to a person.

JxgisError                    anything that ends a run with one sentence
|-- InputError                data, a plan or an option that cannot be used
|   |-- NoCrsError            coordinates without a coordinate system
|   |-- MissingColumnError    a column that a layer's kind requires
|   `-- InputErrors           several of these at once, in one list
|-- OutputError               a folder or file that cannot be written
|-- NetworkError              no answer from outside
`-- MissingToolError          an optional package or program that is not installed
"""

from __future__ import annotations

from collections.abc import Sequence


class JxgisError(Exception):
    """An error that names the place, what is wrong there and how to mend it.

    Parameters
    ----------
    problem
        What is wrong, without a full stop at its end.
    mend
        What the reader can do about it, without a full stop at its end.
    file, layer, row
        Where it is; ``row`` counts from 1 as a spreadsheet without its header does.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        mend: str = "",
        file: object = None,
        layer: str | None = None,
        row: int | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mend = mend
        self.file = None if file is None else str(file)
        self.layer = layer
        self.row = row

    def __str__(self) -> str:
        from jxgis.i18n import _

        place = [self.file] if self.file else []
        if self.layer:
            place.append(_("layer {layer}").format(layer=self.layer))
        if self.row is not None:
            place.append(_("row {row}").format(row=self.row))
        sentence = self.problem
        if place:
            sentence = _("{place}: {problem}").format(place=", ".join(place), problem=sentence)
        if self.mend:
            return _("{sentence}. {mend}.").format(sentence=sentence, mend=self.mend)
        return _("{sentence}.").format(sentence=sentence)


class InputError(JxgisError, ValueError):
    """Data, a plan or an option that cannot be used."""


class NoCrsError(InputError):
    """Coordinates without a coordinate system."""


class MissingColumnError(InputError):
    """A column that a layer's kind requires is not there."""


class InputErrors(InputError):  # noqa: N818 - it is several errors, not one
    """Several input errors, each with its own sentence."""

    def __init__(self, errors: Sequence[JxgisError]) -> None:
        super().__init__("; ".join(e.problem for e in errors))
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(str(e) for e in self.errors)


class OutputError(JxgisError, OSError):
    """A folder or file that cannot be written."""

    def __str__(self) -> str:
        return JxgisError.__str__(self)


class NetworkError(JxgisError):
    """No answer from outside."""


class MissingToolError(JxgisError):
    """An optional package or program that is not installed."""
