"""When a model is trained, and from what: the pack's phrases, and what operators decided about cases since."""

import hashlib
import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from hues.assist.models import TriageModel
from hues.assist.triage import kept, school, store
from hues.assist.triage import model as models
from hues.assist.triage.material import digest_of
from hues.cases.models import Case
from hues.kernel import clock

log = logging.getLogger("hues.assist")

NEWEST = 20_000  # cases that are learned from
ENOUGH = 50  # decisions since the last training make another one worthwhile

# What somebody in the centre decided about, and whose text is still there. Samples teach nothing.
_DECIDED = Q(accepted_at__isnull=False, is_sample=False, erased_at=None, parent=None, reject_reason="") & ~Q(body="")


def newest(*, weights: bool = False) -> TriageModel | None:
    """The model in use, as its row; without its bytes unless asked."""
    rows = TriageModel.objects.filter(city=settings.CITY).order_by("-id")
    return (rows if weights else rows.defer("weights")).first()


def is_needed() -> bool:
    """Whether there is no model of the pack's phrases as they are, made by this program and measured to the end."""
    row = newest()
    return row is None or not row.measured or row.digest != digest_of(store.pack_folder())


def decisions_since(moment: datetime | None) -> int:
    """Cases that were decided since."""
    rows = Case.objects.filter(_DECIDED)
    return rows.filter(accepted_at__gt=moment).count() if moment else rows.count()


def train() -> TriageModel:
    """Train, put the model into use, then measure it. Raises school.Failed."""
    folder = store.pack_folder()
    digest = digest_of(folder)
    cases = list(Case.objects.filter(_DECIDED).order_by("-received_at").values_list("body", "category__code")[:NEWEST])
    now = clock.now()
    version = version_of(digest, now, cases)
    lesson = (None if cases else kept.lesson(digest)) or school.teach(folder, version, cases)
    row = TriageModel(
        city=settings.CITY, version=version, trained_at=now, digest=digest, learned=lesson.learned,
        measured=lesson.measured, weights=lesson.weights, practice_until=now,
    )  # fmt: skip
    store.keep(row)
    log.info("the assistant learned: model %s from %s texts", version, sum(lesson.learned.values()))
    return row if lesson.measured else _measured(row, cases)


def _measured(row: TriageModel, cases: list[tuple[str, str]]) -> TriageModel:
    """The same model, as sure of itself as it may be, with what was measured. It takes the place of the one in use."""
    found = school.teach(store.pack_folder(), row.version, cases, measure=True).measured
    model = models.from_bytes(bytes(row.weights), row.version)
    old = row.pk
    row.pk = None
    row.measured = found
    if model is not None and found["asked"]:  # where only keywords are known, there is nobody to ask
        row.weights = replace(model, sharpness=found["sharpness"]).as_bytes()
    store.keep(row)
    TriageModel.objects.filter(pk=old).delete()
    if not cases:
        kept.keep(row.digest, school.Lesson(row.learned, row.measured, bytes(row.weights)))
    return row


def version_of(digest: str, at: datetime, cases: list[tuple[str, str]]) -> str:
    """The day, and what it learned from: "20260728-3fa94c"."""
    content = hashlib.sha256(digest.encode())
    for text, code in cases:
        content.update(f"{code}\0{text}\0".encode())
    return f"{at:%Y%m%d}-{content.hexdigest()[:6]}"


# ── how operators and suggestions agree ──


def compare_with_practice() -> TriageModel | None:
    """Ask the model in use about what was decided since it was last compared: it has not learned from these. Counted in its row."""
    row, model = newest(), store.current()
    if row is None or model is None:
        return None
    until = clock.now()
    rows = Case.objects.filter(_DECIDED, accepted_at__gt=row.practice_until or row.trained_at, accepted_at__lte=until)
    counts: dict[str, Any] = {"asked": 0, "kept": 0, "in_three": 0, **row.practice}
    changed = Counter({(a, b): n for a, b, n in counts.get("changed", [])})
    for body, code in rows.values_list("body", "category__code").iterator(chunk_size=500):
        said = [guess.code for guess in model.guesses(body)]
        if not said:
            continue
        counts["asked"] += 1
        counts["kept"] += said[0] == code
        counts["in_three"] += code in said
        if said[0] != code:
            changed[said[0], code] += 1
    counts["changed"] = [[a, b, n] for (a, b), n in changed.most_common(200)]
    TriageModel.objects.filter(pk=row.pk).update(practice=counts, practice_until=until)
    row.practice, row.practice_until = counts, until
    return row
