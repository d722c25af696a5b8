"""Naming the asset that a case is about."""

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine
from hues.cases.models import Case
from hues.city.assets import near
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.text import clean

HANDLING = frozenset({"operator", "officer", "head", "lead"})


def name_asset(*, actor: Actor, code: str, asset: str) -> Case:
    """Say which lamp, drain or tree a case is about ("lamp/NH-0231"); "" takes it away. By the centre and those who handle it.

    Raises NotFound, Forbidden, Invalid where no such asset is there.
    """
    named = clean(asset, max_length=40, field="asset")
    with transaction.atomic():
        case = engine.lock(actor, code)
        if not access.roles(actor, case) & HANDLING:
            raise Forbidden(_("You can read this case, but not write in it."))
        found = near.named(named) if named else None
        if named and found is None:
            raise Invalid(_("There is no such asset."), fields={"asset": _("There is no such asset.")})
        before, after = case.asset, found.ref if found else ""
        if before == after:
            return case
        case.asset, case.updated_at, case.version = after, clock.now(), case.version + 1
        case.save(update_fields=["asset", "updated_at", "version"])
        journal.record(
            actor=actor,
            action="case.asset_named",
            subject_kind="case",
            subject_id=case.pk,
            topics=[topic for topic in engine.topics(case) if not topic.startswith(("public:", "person:"))],
            staff={"before": before, "after": after, "said": _said(found)},
        )
    return case


def _said(found: near.Found | None) -> dict[str, str]:
    if found is None:
        return {"vi": "Không còn gắn với tài sản nào", "en": "Not about an asset any more"}
    words = {"vi": "Về tài sản: {one} {code}", "en": "About the asset: {one} {code}"}
    one = found.layer.one
    return {language: text.format(one=one.get(language, ""), code=found.code) for language, text in words.items()}
