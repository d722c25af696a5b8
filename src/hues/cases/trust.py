"""Two panels of the desk's case page, for the centre: what the public sees and saw, and the doors about the sender."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from hues.cases import moderation, panels
from hues.cases.models import Case, CaseFile
from hues.city.models import Category
from hues.kernel.actors import AUDITOR, LEAD, Actor


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def public_face(request: HttpRequest, case: Case) -> str | None:
    """The public text with every version of it, and a form to change it."""
    actor = _actor(request)
    if not (case.moderated and (actor.in_centre or actor.has(AUDITOR))):
        return None
    photos = list(CaseFile.objects.filter(case_id=case.pk, role__in=["before", "after"]).select_related("file"))
    context = {
        "case": case,
        "versions": [_told(one) for one in moderation.versions(case.pk)],
        "may_change": actor.in_centre,
        "photos": photos,
        "body_field": {"name": "public_body", "label": _("What everyone reads"), "kind": "textarea", "rows": 4,
                       "value": case.public_body, "maxlength": 4000},
        "address_field": {"name": "public_address", "label": _("The place that everyone reads"),
                          "value": case.public_address, "maxlength": 300},
        "visibility_field": {"name": "visibility", "label": _("Who sees it"), "kind": "select", "value": case.visibility,
                             "options": [{"value": v, "label": label} for v, label in Category.Visibility.choices]},
    }  # fmt: skip
    return render_to_string("cases/panel_public_face.html", context, request)


def _told(version: moderation.Version) -> dict[str, object]:
    names = {
        "visibility": _("Who sees it"),
        "public_body": _("What everyone reads"),
        "public_address": _("The place that everyone reads"),
        "public_files": _("Photos that everyone sees"),
    }
    lines = []
    for name in version.changed:
        was, now = version.before.get(name, ""), version.after[name]
        if name == "public_files":
            was, now = len(was or ()), len(now)
        lines.append({"name": names.get(name, name), "was": was, "now": now})
    return {"at": version.at, "who": version.who, "lines": lines}


def sender(request: HttpRequest, case: Case) -> str | None:
    """For leads and auditors: what may be done about the person behind a case, who stays unknown."""
    actor = _actor(request)
    if case.reporter_id is None or not actor.has(LEAD, AUDITOR):
        return None
    return render_to_string("cases/panel_sender.html", {"case": case, "lead": actor.has(LEAD)}, request)


panels.register("public face", 60, public_face)
panels.register("sender", 70, sender)
