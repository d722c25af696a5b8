"""Changing what everybody sees of a case, after it was published."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hues.cases import actions
from hues.kernel.errors import Conflict, Invalid
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only


@require_POST
@staff_only
def moderate(request: HttpRequest, code: str) -> HttpResponse:
    """The centre only; others find nothing or may not."""
    sent = request.POST
    try:
        actions.moderate_case(
            actor=request.actor,  # type: ignore[attr-defined]
            code=code,
            public_body=sent.get("public_body", ""),
            public_address=sent.get("public_address", ""),
            visibility=sent.get("visibility", ""),
            public_files=_ids(sent.getlist("public_files")),
            version=whole_number(sent.get("version", "")),
        )
        messages.success(request, _("Everyone now sees the new version. The earlier ones are kept."))
    except (Invalid, Conflict) as problem:
        messages.error(request, next(iter(getattr(problem, "fields", {}).values()), problem.detail))
    return redirect(f"/desk/cases/{code}")


def _ids(sent: list[str]) -> list[UUID]:
    try:
        return [UUID(one) for one in sent]
    except ValueError:
        raise Invalid(_("This must be a list of files.")) from None
