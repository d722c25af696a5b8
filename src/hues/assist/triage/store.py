"""The model in use: the newest in the database, else that of the pack's phrases from setup, in this process's memory.

Looking for a newer one costs a moment every few seconds.
"""

import logging
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from hues.assist.models import TriageModel
from hues.assist.triage import kept
from hues.assist.triage import model as models
from hues.assist.triage.material import digest_of
from hues.assist.triage.model import Model
from hues.assist.triage.school import Lesson
from hues.city.pack import folder_of

log = logging.getLogger("hues.assist")

CHECK_SECONDS = 5.0
OF_SETUP = "pack-"  # how versions of the pack's own models begin
KEPT = 5  # models that stay in the table, for the page that compares them

_NEWEST = "select id from assist_triagemodel where city = %s order by id desc limit 1"


class _State:
    city = ""
    id = 0
    checked = float("-inf")
    model: Model | None = None


_state = _State()
_lock = threading.Lock()


def current() -> Model | None:
    """The model of this city; None where there is none yet. Shared: never change it."""
    now = time.monotonic()
    if now < _state.checked + CHECK_SECONDS and _state.city == settings.CITY:
        return _state.model
    with _lock:
        newest = _newest_id()
        if (settings.CITY, newest) != (_state.city, _state.id):
            _state.model = (_load(newest) if newest else None) or _of_setup()
            _state.city, _state.id = settings.CITY, newest
        _state.checked = now
        return _state.model


def forget() -> None:
    """Look again at the next use."""
    _state.city, _state.checked = "", float("-inf")


def pack_folder() -> Path:
    """Where the city's phrases are."""
    return folder_of(settings.CITY)


def keep(row: TriageModel) -> TriageModel:
    """Store a new model, which every process uses from then on; the oldest ones go."""
    row.save()
    ids = list(TriageModel.objects.filter(city=row.city).order_by("-id").values_list("id", flat=True)[KEPT:])
    TriageModel.objects.filter(id__in=ids).delete()
    forget()
    return row


def _newest_id() -> int:
    """Straight from the driver, outside Django's query log: a look every few seconds is in nobody's query budget."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(_NEWEST, [settings.CITY])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _of_setup() -> Model | None:
    digest = digest_of(pack_folder())
    found = kept.lesson(digest)
    return models.from_bytes(found.weights, f"{OF_SETUP}{digest[:6]}") if found else None


def lesson_of_setup() -> Lesson | None:
    """What the model of setup learned and how good it is, where that is the one in use."""
    model = current()
    if model is None or not model.version.startswith(OF_SETUP):
        return None
    return kept.lesson(digest_of(pack_folder()))


def _load(number: int) -> Model | None:
    with connection.connection.cursor() as cursor:
        cursor.execute("select weights, version from assist_triagemodel where id = %s", [number])
        row = cursor.fetchone()
    found = models.from_bytes(bytes(row[0]), row[1]) if row else None
    if row and found is None:
        log.warning("the assistant's model %s is of another form; a new one will be trained", row[1])
    return found
