"""What a test loads is rolled back after it; what this process remembers of it must go too."""

from collections.abc import Iterator

import pytest

from hues.city import memory


@pytest.fixture(autouse=True)
def _look_again() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


@pytest.fixture
def boston(db: None, settings: pytest.FixtureRequest) -> Iterator[None]:
    """The second city in place of the first, for one test."""
    from hues.city.pack import load_pack

    settings.CITY = "boston"  # type: ignore[attr-defined]
    load_pack("boston")
    yield
