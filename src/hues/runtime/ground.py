"""The ground that tests stand on, as a pytest plugin (`-p hues.runtime.ground` in pyproject.toml).

Plugins named there are imported before anything reads Django's settings: so a data folder of the run's own, and a database where none is
named by `DATABASE_URL`, are there in time.
"""

import os
import tempfile
from pathlib import Path

from hues.runtime.testing import start_database, stop_database

_scratch = tempfile.TemporaryDirectory(prefix="hues-test-")
if "PYTEST_XDIST_WORKER" in os.environ:  # one of several that share the work, and the first one's database server
    os.environ["HUES_DATA_DIR"] = _scratch.name
os.environ.setdefault("HUES_DATA_DIR", _scratch.name)
os.environ.setdefault("HUES_CITY", "hue")
os.environ["HUES_LOG_LEVEL"] = "ERROR"
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = start_database(Path(_scratch.name))


def pytest_unconfigure() -> None:
    """The end of the run: nothing stays."""
    stop_database()
    _scratch.cleanup()
