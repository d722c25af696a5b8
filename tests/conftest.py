"""One PostgreSQL for all tests, with the Huế pack in it; each test runs in a transaction that is rolled back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["tests.served"]

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The Huế pack and its processes, loaded once."""
    from hues.cases.processes import load_processes
    from hues.city.pack import load_pack

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        load_pack("hue")
        load_processes("hue")


@pytest.fixture(autouse=True)
def _no_leftover_language() -> Iterator[None]:
    from django.utils import translation

    with translation.override("vi"):
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data for measurements; absent on a user's machine."""
    if not SHARED.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return SHARED
