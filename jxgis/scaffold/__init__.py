"""A new plan from a folder of files: looked through, guessed with reasons, and commented."""

from __future__ import annotations

from pathlib import Path

from jxgis.errors import OutputError
from jxgis.i18n import _
from jxgis.scaffold.guess import Guess, guess_layers
from jxgis.scaffold.look import Found, look_through
from jxgis.scaffold.write import plan_text

PLAN_NAME = "plan.toml"


def write_new_plan(folder: Path, source: Path) -> str:
    """Write ``plan.toml`` into a folder, from the files of another.

    Parameters
    ----------
    folder
        Where the plan goes; made when missing. A plan that is there already stays.
    source
        The planner's files: read, never changed.

    Returns
    -------
    str
        What was taken for what and why, and what to fill in, for the reader.

    Raises
    ------
    InputError
        If the source is no folder or holds no layer.
    OutputError
        If there is a plan already, or the folder cannot be written.
    """
    plan = folder / PLAN_NAME
    if plan.exists():
        raise OutputError(
            _("there is a plan already"),
            file=plan,
            mend=_("Give another folder, or move that file away"),
        )
    found, unread = look_through(source)
    guesses, left = guess_layers(found)
    text = plan_text(source.resolve().name, guesses, left, folder.resolve())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        plan.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            _("the folder cannot be written: {error}").format(error=error.strerror), file=folder
        ) from None
    lines = [_line(guess) for guess in guesses]
    lines += [f"{_('not taken: {path}').format(path=_name(it.found))} ({it.why})" for it in left]
    lines += [_("not read: {error}").format(error=error) for error in unread]
    return "\n".join([*lines, "", *_next_steps(plan, guesses)])


def _line(guess: Guess) -> str:
    if guess.further:
        return _("only a comment: {path} ({why})").format(path=_name(guess.found), why=guess.why)
    return f"{guess.kind}: {_name(guess.found)} ({guess.why})"


def _name(file: Found) -> str:
    if file.bands:
        return ", ".join(path for paths in file.bands.values() for path in paths)
    return f"{file.path}:{file.layer}" if file.layer else file.path


def _next_steps(plan: Path, guesses: list[Guess]) -> list[str]:
    fill_in = [g.kind for g in guesses if not (g.is_whole or g.further)]
    steps = [_("written: {plan}").format(plan=plan)]
    if fill_in:
        steps.append(_("to fill in: {kinds} (look for FILL IN)").format(kinds=", ".join(fill_in)))
    steps.append(_("next: jxgis check {plan}").format(plan=plan))
    return steps
