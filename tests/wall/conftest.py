"""The wall is tested on cases opened as people open them."""

from tests.cases.conftest import *  # noqa: F403
