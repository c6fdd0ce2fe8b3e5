"""Write the lock files anew from pyproject.toml: python3 scripts/lock.py [--upgrade].

For maintainers; needs uv on the PATH. Without ``--upgrade`` versions stay as they are wherever
pyproject.toml allows. A lock holds for every Python and system that jxgis supports, and names no
index, so that any mirror can serve it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INDEX = "https://pypi.org/simple"
BUILD = "setuptools>=80"  # builds what is published without a wheel


def main() -> int:
    """Write the three locks; the tests' keeps to the versions of the run's."""
    uv = shutil.which("uv")
    if not uv:
        print("lock.py needs uv: https://docs.astral.sh/uv/", file=sys.stderr)
        return 2
    jobs = {
        "requirements-build.lock": ["-"],
        "requirements.lock": ["pyproject.toml"],
        "requirements-test.lock": ["pyproject.toml", "--group", "dev", "-c", "requirements.lock"],
    }
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
    options += ["--no-emit-index-url", "--custom-compile-command", "python3 scripts/lock.py"]
    for name, sources in jobs.items():
        command = [uv, "pip", "compile", *sources, *options, "-o", name, *sys.argv[1:]]
        environ = os.environ | {"UV_DEFAULT_INDEX": INDEX, "UV_NO_CONFIG": "1"}
        subprocess.run(command, cwd=ROOT, env=environ, input=BUILD, text=True, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
