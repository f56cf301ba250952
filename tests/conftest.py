from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The same examples in each run, however slow the machine is.
settings.register_profile(
    "landed", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("landed")
# So that `import scenarios.shop` works from every test file.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(params=["local"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A small shop to lose fixes in: see `scenarios.shop`. With `on_both` it is on Google as well,
    by the local cloud's HTTP face.
    """
    if request.param == "gcp":
        from scenarios.google_shop import GoogleShop

        on_google = GoogleShop(tmp_path)
        yield on_google
        on_google.close()
    else:
        from scenarios.shop import Shop

        yield Shop(tmp_path)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A PostgreSQL of these tests' own: see `postgres`."""
    from postgres import Server

    with Server() as server:
        yield server


@pytest.fixture(autouse=True)
def _quiet_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test may depend on how the person at the keyboard has set up git or landed."""
    home = tmp_path / "home-of-the-test"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("LANDED_RUNTIME", str(Path(__file__).parents[1] / ".runtime"))
    for name in (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "NO_COLOR",
        "LANDED_DATABASE",
    ):
        monkeypatch.delenv(name, raising=False)
    yield
    shutil.rmtree(home, ignore_errors=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skip hides a missing part: where LANDED_NO_SKIPS is set, as in CI, it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("LANDED_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
