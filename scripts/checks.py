"""Run the linters: python3 scripts/checks.py [--here] [name ...].

The one place that lists them. They run in the checkout's own environment, made as for the tests, or
with ``--here`` in the Python that runs this script.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import environment

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

CHECKS = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "imports": ["-c", IMPORTS, "--no-logo", "--no-cache"],
    "docstrings": ["scripts/docstrings.py"],
    "messages": ["scripts/messages.py", "--check"],
}


def checks(words: list[str]) -> int:
    """Run the named checks, or all; return 1 when one fails, after all have run."""
    here = "--here" in words
    source, names = environment.parse([w for w in words if w != "--here"], "Run the linters.")
    if unknown := [name for name in names if name not in CHECKS]:
        message = f"There is no check {', '.join(unknown)}; there are: {', '.join(CHECKS)}."
        raise environment.Problem(message)
    python = sys.executable if here else str(environment.ensure(environment.TEST_LOCK, source))
    failed = []
    for name in names or CHECKS:
        print(f"-- {name}", flush=True)
        if subprocess.run([python, *CHECKS[name]], cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks pass.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(environment.run(checks))
