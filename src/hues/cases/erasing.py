"""What becomes of somebody's reports when they leave: the words of the city stay, the person goes.

- Published and moderated: the public text, place and photos stay, without a link to anybody; what only the centre knew
  (the original words, the house number, the faces under the masks) goes. With the wish to withdraw, all of it goes.
- Restricted, or never published: words, place and photos go.
- The talk, the ratings' reasons and their entries in the journal go; their leaves in the log stay.
- Held for a while by law: see `holds`.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.translation import gettext as _

from hues.cases.models import LISTED, Case, CaseFile, CaseMessage, Outcome
from hues.kernel import clock, files, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.files.store import UPLOAD, delete_masks, name_of, write_variants
from hues.kernel.models import StoredFile
from hues.people.actions.erasure import GROUND
from hues.people.erasing import Hold, held, wish_of

ENFORCED_FOR = timedelta(days=90)  # Complaints Law 02/2011, art. 9: so long a decision may be complained about
IN_HAND_FOR = timedelta(days=30)  # a danger to somebody is being dealt with; looked at again every day


def holds(person_id: UUID) -> list[Hold]:
    """Cases that must keep their words for a while: a fine hangs on them, or help is under way."""
    now = clock.now()
    own = Case.objects.filter(reporter_id=person_id).only("code", "published_at", "outcome")
    fined = own.filter(outcome=Outcome.ENFORCED, published_at__gt=now - ENFORCED_FOR)
    found = [
        Hold(one.code, _("A decision on a violation rests on it"), one.published_at + ENFORCED_FOR)
        for one in fined
        if one.published_at
    ]
    urgent = own.filter(is_open=True, group="immediate").exclude(phase="done").exclude(LISTED)
    urgent = urgent.filter(received_at__gt=now - IN_HAND_FOR).only("code", "received_at")
    return found + [Hold(one.code, _("Help is under way"), one.received_at + IN_HAND_FOR) for one in urgent]


@transaction.atomic
def erase(person_id: UUID) -> dict[str, int]:
    """Idempotent: what was erased has no reporter any more, and is not found again."""
    withdraw = wish_of(person_id)
    counts = {"reports_kept": 0, "reports_erased": 0, "messages": 0, "case_photos": 0, "entries": 0}
    codes = list(Case.objects.filter(reporter_id=person_id).values_list("code", flat=True))
    free = [code for code in codes if not held(person_id, code)]
    for case in Case.objects.select_for_update().filter(code__in=free, reporter_id=person_id):
        stays = case.moderated and case.visibility != "restricted" and not withdraw
        counts["case_photos"] += _erase_files(case, keep_public=stays)
        counts["messages"] += CaseMessage.objects.filter(case=case, audience="party").delete()[0]
        counts["entries"] += _erase_entries(case, person_id, all_of_it=not stays)
        _erase_words(case, stays=stays)
        counts["reports_kept" if stays else "reports_erased"] += 1
    return counts


def _erase_words(case: Case, *, stays: bool) -> None:
    """The row keeps what is counted (kind, area, times, outcome) and, if it stays, what everybody could read."""
    if not stays:
        case.public_body = case.public_address = ""
        case.public_lat = case.public_lon = None
        case.moderated = False
    case.body, case.address = case.public_body, case.public_address
    case.lat, case.lon = case.public_lat, case.public_lon
    case.answers, case.source_data, case.rating_reason = {}, {}, ""
    case.pending.pop("ask_citizen", None)  # what staff wait for among themselves goes on
    case.reporter_id, case.anonymous, case.erased_at = None, True, clock.now()
    case.version += 1
    case.save()
    said = {"vi": "Người gửi đã xoá tài khoản", "en": "The sender erased their account"}
    journal.record(
        actor=SYSTEM, action="case.reporter_erased", subject_kind="case", subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre"], staff={"said": said},
    )  # fmt: skip


def _erase_files(case: Case, *, keep_public: bool) -> int:
    """Photos of the reporter; of those that everybody sees, only what everybody sees stays."""
    gone = 0
    sent = CaseFile.objects.filter(case=case, added_by_kind="citizen").select_related("file")
    for one in sent:
        if keep_public and one.public and one.file.masking == StoredFile.Masking.DONE:
            _forget_original(one.file)
        else:
            file_id = one.file_id
            one.delete()
            files.delete_file(file_id)
            gone += 1
    return gone


def _forget_original(file: StoredFile) -> None:
    """The masked picture takes the place of the one below it; a video, which nobody masked, becomes its masked still."""
    masks, masked = file.mask_version, {}
    for variant in files.VARIANTS:
        with files.open_variant(file.pk, f"masked-{variant}", masks=masks) as picture:
            masked[variant] = picture.read()
    if masks:
        write_variants(file.pk, masked)
    for film in (files.CLIP, UPLOAD):
        default_storage.delete(name_of(file.pk, film))
    transaction.on_commit(lambda: delete_masks(file.pk, upto=masks + 1))  # one may have been written and never named
    full = masked["full"]
    StoredFile.objects.filter(pk=file.pk).update(
        owner_id=None, found={}, upload_sha256="", media_type="image/jpeg", duration_s=None,
        size=len(full), sha256=hashlib.sha256(full).hexdigest(),
    )  # fmt: skip


# What the reporter said, and what was said to them; `opened` and `read` hold nothing of anybody's.
_ENTRIES = """
select id from kernel_journalentry
where subject_id = %(case)s and salt <> '' and action <> all(array['case.opened', 'case.read']) and (
    (actor_id = %(person)s and parts ?| array['party', 'staff', 'centre'])
    or (action in ('case.message', 'case.ask_citizen', 'case.moderated') and parts ?| array['party', 'centre'])
    or (%(all)s and parts ? 'party'))
"""


def _erase_entries(case: Case, person_id: UUID, *, all_of_it: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, {"case": case.pk, "person": person_id, "all": all_of_it})
        ids = [row[0] for row in cursor.fetchall()]
    for entry_id in ids:
        journal.erase_entry(actor=SYSTEM, entry_id=entry_id, ground=GROUND)
    return len(ids)


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Somebody's reports, the talk about them and what became of them."""
    cases = Case.objects.filter(reporter_id=person_id).select_related("category", "agency").order_by("received_at")
    rows = list(cases)
    talk = _by_case(
        CaseMessage.objects.filter(case__in=rows, audience="party")
        .order_by("id")
        .values("case_id", "author_kind", "body", "at")
    )
    photos = _by_case(
        CaseFile.objects.filter(case__in=rows, added_by_kind="citizen").values("case_id", "file_id", "role", "public")
    )
    return [
        {
            "code": case.code, "category": case.category.code, "body": case.body, "answers": case.answers,
            "address": case.address, "lat": case.lat, "lon": case.lon, "anonymous": case.anonymous,
            "visibility": case.visibility, "public_body": case.public_body, "public_address": case.public_address,
            "received_at": case.received_at, "published_at": case.published_at, "closed_at": case.closed_at,
            "state": case.state, "agency": case.agency.code if case.agency else "", "answer": case.answer,
            "outcome": case.outcome, "rating": case.rating, "rating_reason": case.rating_reason,
            "messages": [
                {"from": line["author_kind"], "text": line["body"], "at": line["at"]} for line in talk.get(case.pk, ())
            ],
            "files": [
                {"id": one["file_id"], "role": one["role"], "public": one["public"]} for one in photos.get(case.pk, ())
            ],
        }
        for case in rows
    ]  # fmt: skip


def _by_case(rows: Iterable[Any]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found
