"""media_url: a photo that another system only names. It is fetched after the case is stored, from public addresses
only, and kept as any upload is: re-encoded, without what a camera or a prankster wrote into it."""

import logging
from io import BytesIO
from urllib.parse import urljoin
from uuid import UUID

from django.db import transaction

from hues.cases.files import attach
from hues.cases.models import Case, CaseFile
from hues.kernel import clock, files, journal, outbound
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Problem
from hues.reports.checks import MAX_FILES

log = logging.getLogger(__name__)
MAX_BYTES = files.MAX_UPLOAD
SECONDS = 60.0
REDIRECTS = 3


def attach_remote_photo(*, case_id: UUID, url: str, actor: Actor = SYSTEM) -> bool:
    """Fetch the photo and add it to the case. False where there is nothing to add: the address is not one that we go
    to, there is no photo behind it, or the case has it already. Raises outbound.Failed, so that the job tries
    again.
    """
    try:
        content = _fetch(url)
    except outbound.Refused as refusal:
        log.warning("media_url of case %s is not fetched: %s", case_id, refusal.code)
        return False
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        if case is None or CaseFile.objects.filter(case=case, role=CaseFile.Role.BEFORE).count() >= MAX_FILES:
            return False
        try:
            stored = files.store_image(BytesIO(content), owner_id=None, draft_key=f"media-{case_id}")
        except Problem as problem:
            log.warning("media_url of case %s holds no photo that we can keep: %s", case_id, problem.code)
            return False
        attach(
            case.id,
            [stored.file.id],
            actor=actor,
            role=CaseFile.Role.BEFORE,
            at=clock.now(),
            draft_key=f"media-{case_id}",
        )
        journal.record(
            actor=actor,
            action="case.photo",
            subject_kind="case",
            subject_id=case.id,
            topics=[f"case:{case.id}", "centre"],
            party={"file": str(stored.file.id)},
        )
    return True


def _fetch(url: str) -> bytes:
    """What is at an address or at the end of its redirects, each checked like the first. Raises outbound.Refused, Failed."""
    for _hop in range(REDIRECTS + 1):
        reply = outbound.fetch(url, headers={"Accept": "image/*"}, timeout=SECONDS, max_bytes=MAX_BYTES)
        target = reply.headers.get("location", "")
        if reply.status not in {301, 302, 303, 307, 308} or not target:
            break
        url = urljoin(url, target)
    if reply.status >= 500:
        raise outbound.Failed
    return reply.body
