"""Reading what a client sent."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hues.kernel.errors import Problem


def read_json(request: HttpRequest) -> Any:
    """The JSON of a request body. Raises Problem (400) for what is not UTF-8, not JSON, or nested without end."""
    try:
        return json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(_("The request body is not valid JSON."), code="bad-json") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON (RFC 8259 §6)")
