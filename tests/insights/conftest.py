"""The numbers are tested on reports filed as people file them."""

from tests.reports.conftest import _sandbox, browser, citizen, make_citizen, operator, published_case  # noqa: F401
