"""What the room's forms share: safe ways back, fields for `{% field %}`, answers with an error beside its field."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from hues.kernel.errors import Problem, TooMany


def safe_next(request: HttpRequest, default: str, value: str | None = None) -> str:
    """Where to go afterwards: an address of our own, or `default` (no open redirects)."""
    wanted = value if value is not None else request.POST.get("next", request.GET.get("next", ""))
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own and wanted.startswith("/") else default


def field(name: str, label: Any, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "kind": kind, **more}


def show(
    request: HttpRequest, template: str, fields: list[dict[str, Any]], problem: Problem | None = None, **context: Any
) -> HttpResponse:
    """Render a form; after an error with its status, the error at its field, and what was typed (but no secrets)."""
    errors = dict(problem.fields) if problem else {}
    alone = len(fields) == 1 and set(errors) <= {fields[0]["name"]}  # the error stands at the only field: no summary
    for item in fields:
        item["error"] = errors.get(item["name"], "")
        if problem and item["kind"] not in ("password", "code"):
            several = item["kind"] == "checks"
            typed = request.POST.getlist(item["name"]) if several else request.POST.get(item["name"])
            item["value"] = item.get("value", "") if typed is None else typed
    context |= {"fields": fields, "errors": {} if alone else errors, "problem": problem}
    response = render(request, template, context, status=problem.status if problem else 200)
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after)
    return response
