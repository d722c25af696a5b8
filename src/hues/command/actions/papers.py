"""Situation reports and texts for the public."""

import hashlib
import json
from collections.abc import Mapping
from string import Formatter
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.city.clock import moment_text
from hues.city.pack import settings as pack_settings
from hues.command import access, area, reporting, telling
from hues.command.actions.base import locked, next_number, of_incident, text
from hues.command.models import Bulletin, Incident, Sitrep, SitrepVersion
from hues.command.playbooks import playbook
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid

SECTION_MOST = 6000
BULLETIN_MOST = 1500


def draft_sitrep(*, actor: Actor, code: str) -> Sitrep:
    """The next report, drafted from what is known. Refused while the one before is not signed."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        if waiting := incident.sitreps.filter(signed_at=None).first():
            raise Conflict(_("Report {n} is not signed yet.").format(n=waiting.number))
        return store_draft(actor, incident)


def store_draft(actor: Actor, incident: Incident) -> Sitrep:
    """A report on the time since the last one. The incident is locked."""
    now, last = clock.now(), incident.sitreps.order_by("-number").first()
    since = last.until if last else incident.opened_at
    languages = pack_settings()["languages"]
    language = actor.language if actor.kind == "staff" and actor.language in languages else languages[0]
    counted = reporting.figures(incident, since, now)
    sitrep = Sitrep.objects.create(
        incident=incident,
        number=next_number(incident.sitreps),
        period=incident.period_number,
        language=language,
        since=since,
        until=now,
        figures=counted,
        sections=reporting.drafted(incident, since, now, counted, last, language),
        drafted_by_id=actor.id if actor.kind == "staff" else None,
        changed_at=now,
    )
    _keep(sitrep, actor)
    said = telling.said(lambda: _("Situation report {n} was drafted").format(n=sitrep.number))
    to = [] if actor.kind == "staff" else access.person_ids(incident)
    telling.record(actor, incident, "sitrep_drafted", said, to=to, number=sitrep.number)
    return sitrep


def write_sitrep(
    *, actor: Actor, code: str, number: int, sections: Mapping[str, str], version: int | None = None
) -> Sitrep:
    """Change the draft; the version before is kept. Raises Conflict where somebody changed it meanwhile, or it is signed."""
    if unknown := set(sections) - set(reporting.SECTIONS):
        raise Invalid(_("There is no such section."), fields=dict.fromkeys(sorted(unknown), ""))
    words = {name: text(body, SECTION_MOST, name) for name, body in sections.items()}
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        sitrep = _draft(incident, number, version)
        changed = sitrep.sections | words
        if changed == sitrep.sections:
            return sitrep
        sitrep.sections, sitrep.version, sitrep.changed_at = changed, sitrep.version + 1, clock.now()
        sitrep.save(update_fields=["sections", "version", "changed_at"])
        _keep(sitrep, actor)
        said = telling.said(lambda: _("Situation report {n} was changed").format(n=number))
        telling.record(actor, incident, "sitrep_changed", said, number=number, version=sitrep.version)
    return sitrep


def sign_sitrep(*, actor: Actor, code: str, number: int, version: int | None = None) -> Sitrep:
    """From now on it stays as it is; agencies that take part may read it, those of the level are told."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        sitrep = _draft(incident, number, version)
        sitrep.signed_at, sitrep.signed_by_id, sitrep.sha256 = clock.now(), actor.id, digest(sitrep)
        sitrep.save(update_fields=["signed_at", "signed_by", "sha256"])
        said = telling.said(lambda: _("Situation report {n} of {name}").format(n=number, name=incident.name))
        to = telling.people(incident, playbook().levels[incident.level].tells)
        telling.record(actor, incident, "sitrep_signed", said, to=to, number=number, sha256=sitrep.sha256)
    return sitrep


def digest(sitrep: Sitrep) -> str:
    """SHA-256 of what is signed: the journal holds it, so that a later change would show."""
    content = {"number": sitrep.number, "figures": sitrep.figures, "sections": sitrep.sections}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _draft(incident: Incident, number: int, version: int | None) -> Sitrep:
    rows = incident.sitreps.filter(number=number)
    sitrep: Sitrep = of_incident(
        incident.sitreps, rows.values_list("pk", flat=True).first(), _("There is no such situation report.")
    )
    if sitrep.signed_at:
        raise Conflict(_("Report {n} is signed and stays as it is.").format(n=number))
    if version is not None and version != sitrep.version:
        raise Conflict(_("Somebody changed this report meanwhile. Look at it as it is now."))
    return sitrep


def _keep(sitrep: Sitrep, actor: Actor) -> None:
    SitrepVersion.objects.create(
        sitrep=sitrep,
        version=sitrep.version,
        sections=sitrep.sections,
        at=sitrep.changed_at,
        by_id=actor.id if actor.kind == "staff" else None,
    )


# Texts for the public


def bulletin_words(incident: Incident) -> dict[str, str]:
    """What the playbook says for its kind, filled in, in each language of the city."""
    pack: dict[str, Any] = pack_settings()
    form = playbook().kind(incident.kind).bulletin

    def words() -> str:
        language = get_language() or pack["languages"][0]
        values = {
            "city": _of(pack["short_names"], language),
            "moment": moment_text(clock.now(), language),
            "name": incident.name,
            "area": area.named(incident, language),
            "hotline": pack["hotline"],
            "app": _of(pack["app_names"], language),
        }
        return Formatter().vformat(_of(form, language), (), values)

    return telling.said(words)


def _of(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()))


def prepare_bulletin(*, actor: Actor, code: str, texts: Mapping[str, str]) -> Bulletin:
    """A text for the public in each language of the city, made ready; publishing is done elsewhere, by somebody else."""
    languages = pack_settings()["languages"]
    words = {
        language: text(texts.get(language, ""), BULLETIN_MOST, f"text_{language}", least=20) for language in languages
    }
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        bulletin = Bulletin.objects.create(
            incident=incident, number=next_number(incident.bulletins), texts=words, at=clock.now(), by_id=actor.id
        )
        said = telling.said(lambda: _("Text {n} for the public was prepared").format(n=bulletin.number))
        telling.record(actor, incident, "bulletin", said, to=access.person_ids(incident), number=bulletin.number)
    return bulletin


def approve_bulletin(*, actor: Actor, code: str, number: int) -> Bulletin:
    """Whoever commands says that it may go out."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_not_be_closed(incident)
        rows = incident.bulletins.filter(number=number)
        bulletin: Bulletin = of_incident(
            incident.bulletins, rows.values_list("pk", flat=True).first(), _("There is no such text.")
        )
        if bulletin.approved_at:
            raise Conflict(_("It is approved already."))
        bulletin.approved_at, bulletin.approved_by_id = clock.now(), actor.id
        bulletin.save(update_fields=["approved_at", "approved_by"])
        said = telling.said(lambda: _("Text {n} for the public was approved").format(n=number))
        telling.record(actor, incident, "bulletin_approved", said, number=number)
    return bulletin
