"""The program's entry: the reader's language first, then the words, then an exit code."""

from __future__ import annotations

import io
import sys
import tempfile
import traceback
from pathlib import Path

from jxgis.errors import JxgisError
from jxgis.i18n import _, lend_language, set_language
from jxgis.spec import shown_words

FAULT_OF_OURS = 3
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done; 1 done, but with ``--strict`` a target is not met; 2 bad input, usage, an unwritable
    folder, no network or a missing tool; 3 a fault of ours, with the path of a log; 130
    interrupted.
    """
    words = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    set_language(_wanted_language(words))
    lend_language()

    import click

    from jxgis.cli import program

    try:
        return int(program().main(words, prog_name="jxgis", standalone_mode=False) or 0)
    except click.ClickException as error:
        said = shown_words(error.format_message().split(" "))
        click.UsageError(said, getattr(error, "ctx", None)).show()
        return error.exit_code
    except JxgisError as error:
        _say(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say(_("interrupted; earlier output is as it was"))
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - a fault of ours ends in one sentence and a log
        log = _write_log(words)
        _say(_("jxgis has failed by a fault of its own; the details are in {log}").format(log=log))
        return FAULT_OF_OURS


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _wanted_language(words: list[str]) -> str | None:
    """Find ``--lang`` before the words are parsed: the help text itself is in that language."""
    for number, word in enumerate(words):
        if word == "--lang":
            return words[number + 1] if number + 1 < len(words) else None
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return None


def _write_log(words: list[str]) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="jxgis-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        log.write(f"jxgis {shown_words(words)}\n\n{traceback.format_exc()}")
    return Path(log.name)


if __name__ == "__main__":
    sys.exit(main())
