"""The two commands, on a checkout of their own, with no network."""

import ast
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LAUNCHERS = ("demo.py", "test.py")


def load(name):
    spec = importlib.util.spec_from_file_location(
        f"scripts_{name}", ROOT / "scripts" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


environment = load("environment")


# What an old or incomplete Python is told


@pytest.mark.parametrize("name", LAUNCHERS)
def test_an_old_python_can_parse_the_launcher(name):
    source = (ROOT / "scripts" / name).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 4))
    body = ast.parse(source).body
    check = next(n for n, node in enumerate(body) if isinstance(node, ast.If))
    before = [node for node in body[:check] if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [alias.name for node in before for alias in node.names] == ["sys"]


@pytest.mark.parametrize("name", LAUNCHERS)
def test_an_old_python_hears_what_it_lacks(name):
    path = str(ROOT / "scripts" / name)
    code = f"import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path({path!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace")
    assert done.returncode == 2
    assert "needs Python 3.11" in said
    assert "this is Python 3.9" in said


# An environment made from a folder of wheels


class Checkout:
    """A copy of the scripts with locks of its own, which name one small package."""

    def __init__(self, root):
        self.root = root
        self.venv = root / ".venv"
        (root / "scripts").mkdir(parents=True)
        for name in (*LAUNCHERS, "environment.py"):
            shutil.copy(ROOT / "scripts" / name, root / "scripts")
        (root / "jxgis").mkdir()
        for name in ("__init__.py", "i18n.py", "version.py"):
            shutil.copy(ROOT / "jxgis" / name, root / "jxgis")
        self.wheels = root / "wheels"
        self.wheels.mkdir()
        self.lock("1.0")

    def lock(self, version, digest=None):
        digest = digest or wheel(self.wheels, version)
        line = f"pebble=={version} --hash=sha256:{digest}\n"
        for name in ("requirements", "requirements-test", "requirements-build"):
            (self.root / f"{name}.lock").write_text(line, encoding="utf-8")

    def ensure(self, *words, lock="RUN_LOCK", before="", path=""):
        code = (
            "import sys; sys.path.insert(0, 'scripts')\n"
            f"{before}\n"
            "import environment as e\n"
            "def job(words):\n"
            f"    print(e.ensure(e.{lock}, e.parse(words, '')[0]))\n"
            "    return 0\n"
            "sys.exit(e.run(job))\n"
        )
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
        environ |= {"PATH": path, "LANGUAGE": "en"}
        words = words or ("--wheels", "wheels")
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=self.root,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def version(self):
        code = "import pebble, jxgis; print(pebble.VERSION, jxgis.__file__)"
        python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        done = subprocess.run(
            [python, "-c", code], cwd=self.venv, capture_output=True, text=True, check=False
        )
        return done.stdout.split(maxsplit=1), done.stderr


def wheel(folder, version):
    path = folder / f"pebble-{version}-py3-none-any.whl"
    info = f"pebble-{version}.dist-info"
    files = {
        "pebble.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: pebble\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    checkout = Checkout(tmp_path_factory.mktemp("a folder") / "嘉兴")
    checkout.first = checkout.ensure()
    return checkout


@pytest.fixture
def checkout(made, tmp_path):
    """A copy of the checkout with its environment, as if the folder had been moved."""
    moved = Checkout(tmp_path / "moved")
    shutil.rmtree(moved.root)
    shutil.copytree(made.root, moved.root, symlinks=True)
    return moved


def test_the_environment_holds_the_lock_and_the_checkout(made):
    assert made.first.returncode == 0, made.first.stderr
    assert "Making the environment" in made.first.stdout
    (version, jxgis), stderr = made.version()
    assert version == "1.0", stderr
    assert Path(jxgis.strip()) == made.root / "jxgis" / "__init__.py"


def test_a_second_run_makes_nothing(checkout):
    log = (checkout.venv / "install.log").read_bytes()
    done = checkout.ensure()
    assert done.returncode == 0
    assert "Making" not in done.stdout
    assert (checkout.venv / "install.log").read_bytes() == log
    (version, jxgis), _stderr = checkout.version()
    assert version == "1.0"
    assert Path(jxgis.strip()).is_relative_to(checkout.root)


def test_an_interrupted_run_is_repaired(checkout):
    (checkout.venv / "requirements.lock.stamp").unlink()
    for left in checkout.venv.rglob("pebble*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    assert checkout.ensure().returncode == 0
    assert checkout.version()[0][0] == "1.0"


def test_a_changed_lock_gives_the_new_versions_only(checkout):
    stale = next(checkout.venv.rglob("pebble.py")).with_name("stale.py")
    stale.write_text("", encoding="utf-8")
    checkout.lock("2.0")
    assert checkout.ensure().returncode == 0
    assert checkout.version()[0][0] == "2.0"
    assert not stale.exists()


def test_what_uv_made_is_made_anew_where_uv_is_gone(checkout):
    (checkout.venv / "made-by-jxgis").write_text("uv\n", encoding="utf-8")
    shutil.rmtree(next(checkout.venv.rglob("site-packages/pip")))
    done = checkout.ensure(lock="TEST_LOCK")
    assert done.returncode == 0, done.stderr
    assert checkout.version()[0][0] == "1.0"


def test_the_tests_packages_are_added_to_what_is_there(checkout):
    kept = next(checkout.venv.rglob("pebble.py")).with_name("kept.py")
    kept.write_text("", encoding="utf-8")
    assert checkout.ensure(lock="TEST_LOCK").returncode == 0
    assert kept.exists()
    (checkout.venv / "requirements.lock.stamp").unlink()
    assert "Making" not in checkout.ensure().stdout, "the tests' environment serves the run too"


def test_a_file_that_is_not_the_locked_one_is_refused(checkout):
    checkout.lock("2.0", digest="0" * 64)
    wheel(checkout.wheels, "2.0")
    done = checkout.ensure()
    assert done.returncode == 2
    assert "its hash differs" in done.stderr
    assert not list(checkout.venv.glob("*.stamp")), "a failed run must not count as made"


def test_a_folder_without_the_package_is_named(checkout):
    checkout.lock("2.0")
    (checkout.wheels / "pebble-2.0-py3-none-any.whl").unlink()
    done = checkout.ensure()
    assert done.returncode == 2
    assert f"{checkout.wheels} has no package pebble==2.0" in done.stderr


@pytest.fixture
def fresh(tmp_path):
    return Checkout(tmp_path / "fresh")


def test_a_python_without_venv_says_what_to_install(fresh):
    done = fresh.ensure(before="sys.modules['ensurepip'] = None")
    assert done.returncode == 2
    assert "sudo apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_of_someone_else_is_left_alone(fresh):
    fresh.venv.mkdir()
    (fresh.venv / "mine").write_text("mine", encoding="utf-8")
    done = fresh.ensure()
    assert done.returncode == 2
    assert "was not made by this script" in done.stderr
    assert (fresh.venv / "mine").exists()


def test_a_folder_that_cannot_be_written_is_named(fresh):
    full = "import os, pathlib\ndef no(*_, **__): raise OSError(30, 'Read-only file system')\n"
    done = fresh.ensure(before=full + "pathlib.Path.mkdir = no")
    assert done.returncode == 2
    assert f"Cannot write the environment {fresh.venv}: Read-only file system." in done.stderr


def test_a_missing_folder_of_wheels_is_named(fresh):
    done = fresh.ensure("--wheels", "nowhere")
    assert done.returncode == 2
    assert f"There is no folder {fresh.root / 'nowhere'}." in done.stderr


# The installers' own words, as pip 23 to 26 and uv 0.13 print them

REFUSED = "Failed to establish a new connection: [Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            f"WARNING: Retrying after '{REFUSED}'\nERROR: No matching distribution found for x\n",
            "No answer from the package index",
        ),
        ("  cause: dns error\n  cause: error resolving DNS\n", "No answer from the package index"),
        (
            "  cause: tcp connect error\n  cause: Connection refused (os error 111)\n",
            "No answer from the package index",
        ),
        (
            "ERROR: No matching distribution found for numpy==2.4.6\n",
            "the package index has no package numpy==2.4.6 for this Python",
        ),
        (
            "  cause: Because numpy was not found in the provided package locations\n",
            "the package index has no package numpy for this Python",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE\n", "its hash differs"),
        ("OSError: [Errno 28] No space left on device\n", "The disk is full"),
        ("error: something new\n\n", "The installation failed: error: something new"),
    ],
)
def test_a_failed_installation_is_one_sentence(output, sentence):
    said = environment.explain(output, environment.Source())
    assert sentence in said
    assert said.splitlines()[1].startswith("What the installer said is in ")


MIRROR = "https://planner:hun/t@er2@mirror.invalid/simple"


def test_a_password_of_an_index_is_shown_nowhere(fresh):
    source = environment.Source(MIRROR)
    for output in (REFUSED, f"ERROR: cannot use {MIRROR}\n", "DO NOT MATCH THE HASHES"):
        said = environment.explain(output, source)
        assert "er2" not in said
        assert "planner" not in said
        assert "https://***@mirror.invalid/simple" in said
    with pytest.raises(environment.Problem, match="mirror") as caught:
        environment.demo(["--index", MIRROR])
    assert "er2" not in str(caught.value)
    prints = f"import pathlib\nurl = {MIRROR!r}\n"
    code = "e.VENV.mkdir(); e.call([sys.executable, '-c', 'print(' + repr(url) + ')'], e.Source())"
    fresh.ensure(before=f"{prints}import environment as e\n{code}")
    log = (fresh.venv / "install.log").read_text(encoding="utf-8")
    assert log.startswith("https://***@mirror.invalid/simple")


# The locks


def locked(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(
        r"^([\w.-]+)==(\S+)(?: ; (.*?))? \\\n((?:    --hash=\S+.*\n)+)", text, re.MULTILINE
    )
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE)), "a line without a hash"
    return {(package, version, marker) for package, version, marker, _hashes in pins}


@pytest.mark.parametrize(
    ("name", "group"), [("requirements.lock", None), ("requirements-test.lock", "dev")]
)
def test_the_lock_fits_the_project(name, group):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"].get(group, [])
    pins = locked(name)
    for requirement in map(Requirement, wanted):
        versions = [v for n, v, _m in pins if n == canonicalize_name(requirement.name)]
        assert versions, f"{requirement.name} is not locked: run scripts/lock.py"
        assert all(requirement.specifier.contains(v) for v in versions), requirement


def test_the_tests_run_with_the_versions_that_users_get():
    assert locked("requirements.lock") <= locked("requirements-test.lock")


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda p: p.name)
def test_a_lock_names_no_index(lock):
    assert "://" not in lock.read_text(encoding="utf-8")


# A skip where every change is checked


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skip_that_is_not_listed_fails_on_ci(tmp_path, ci, code):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    test = "import pytest\n\n\ndef test_it():\n    pytest.skip('no reason to speak of')\n"
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert ("CI accepts no skip" in done.stdout) == bool(ci)
