"""Administrative dossiers (hồ sơ một cửa) on the page of a call: the extension point, and what a look-up says.

Whatever knows dossiers is a row in SOURCES; HUES_DOSSIERS names the one in use, HUES_DOSSIERS_URL where it is. A dossier is looked
up by its own code, which the caller reads out, and only once the caller is confirmed by the code sent to their telephone: a number
on the display opens nothing. Nothing of a dossier is kept here; that somebody looked is written down without the dossier's code.
"""

import os
import re
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hues.hotline.actions.handling import locked
from hues.hotline.actions.taking import record
from hues.hotline.models import Call
from hues.kernel import limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.http.problems import Unavailable
from hues.kernel.registry import Registry

CODE = re.compile(r"[A-Z0-9][A-Z0-9.-]{5,38}[A-Z0-9]")  # 000.00.15.H57-250926-0012
AN_HOUR = (60, 3600)  # look-ups of one person at the desk
AT_A_CALL = 5  # codes in one call: nobody tries them one after another


@dataclass(frozen=True)
class Dossier:
    """What may be told about one."""

    code: str
    title: str  # the procedure
    state: str  # as the source words it
    office: str = ""
    due: str = ""  # a date, as the source gives it


class Source(Protocol):
    label: str | Promise
    sandbox: bool  # made up

    def ready(self) -> bool:
        """Whether it is configured."""

    def find(self, code: str) -> Dossier | None:
        """Raises kernel.outbound.Failed or Refused."""


SOURCES: Registry[Source] = Registry("source of dossiers")


def source() -> Source | None:
    """The one in use, if there is one and it is configured."""
    name = os.environ.get("HUES_DOSSIERS", "sandbox" if settings.SANDBOX else "")
    if not name:
        return None
    found = SOURCES.get(name)
    return found if found.ready() else None


def look_up(*, actor: Actor, call_id: UUID, code: str) -> Dossier:
    """Raises NotFound, Forbidden (not the centre), Conflict (not confirmed), Invalid, TooMany, Unavailable, Failed."""
    word = "".join(code.split()).upper()
    with transaction.atomic():
        call = locked(actor, call_id)
        _may(actor, call)
        found = source()
        if found is None:
            raise Unavailable(_("No register of dossiers is connected."))
        if not CODE.fullmatch(word):
            raise Invalid(_("This is not the code of a dossier."), fields={"dossier": _("As on the receipt, for example {code}.").format(
                code="000.00.15.H57-250926-0012")})  # fmt: skip
        limits.spend(f"dossier:{actor.id}", limit=AN_HOUR[0], window=AN_HOUR[1])
        limits.spend(f"dossier:call:{call.pk}", limit=AT_A_CALL, window=3600)
        record(call, "call.dossier_asked", actor=actor)
    dossier = found.find(word)
    if dossier is None:
        reason = _("The register does not know this dossier.")
        raise Invalid(reason, fields={"dossier": reason})
    return dossier


def may_look_up(actor: Actor, call: Call) -> bool:
    return actor.in_centre and call.is_open and call.person_id is not None


def _may(actor: Actor, call: Call) -> None:
    if not actor.in_centre:
        raise Forbidden(_("Only the centre may look up dossiers."))
    if not call.is_open:
        raise Conflict(_("This call has ended."))
    if call.person_id is None:
        raise Conflict(_("Confirm the caller by code first."))
