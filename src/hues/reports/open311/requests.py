"""GET requests and GET requests/{id}: what the public may see of cases, and what a system may see of those it sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case as If
from django.db.models import F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.access import source_of
from hues.cases.models import LISTED, Case, CaseFile, Outcome
from hues.city.clock import city_zone
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound
from hues.kernel.models import JournalEntry
from hues.reports.open311 import params
from hues.reports.open311.formats import w3
from hues.reports.open311.services import categories, language, pick

# "updated_datetime: … For requests with status=closed, this will be the date the request was closed." The index
# reports_case_changed (reports 0001) is on this expression.
CHANGED = If(
    When(is_open=True, then=F("updated_at")), default=Coalesce(F("closed_at"), F("published_at"), F("updated_at"))
)

COLUMNS = (
    "id", "code", "is_open", "state", "outcome", "parent__code", "category_id", "agency_id", "unit_id", "moderated",
    "visibility", "body", "address", "lat", "lon", "public_body", "public_address", "public_lat", "public_lon",
    "received_at", "changed", "due_final_at", "due_original_at", "answer", "channel", "reopened", "rating",
    "published_at",
)  # fmt: skip


Rows = QuerySet[Any]  # of Case, annotated with `changed`


@dataclass(frozen=True)
class Reader:
    """Who asks: anybody, or a system with a key, which also sees what it sent itself before it is public."""

    actor: Actor | None = None

    def visible(self) -> Q:
        return LISTED | Q(source=source_of(self.actor)) if self.actor else LISTED


def service_requests(values: Mapping[str, str], reader: Reader) -> list[dict[str, Any]]:
    """GET requests. Raises BadArgument and NotFound."""
    codes = params.comma_list(values, "service_request_id")
    rows: Rows = Case.objects.filter(reader.visible()).annotate(changed=CHANGED)
    if codes:  # "This overrides all other arguments."
        return _records(rows.filter(code__in=[code.upper() for code in codes]).order_by("-received_at", "-id"), values)
    rows, order = _filtered(rows, values)
    start, size = _page(values)
    return _records(rows.order_by(*order)[start : start + size], values)


def service_request(code: str, values: Mapping[str, str], reader: Reader) -> list[dict[str, Any]]:
    """GET requests/{id}. Raises NotFound for what is not there and for what is not public alike."""
    rows: Rows = Case.objects.filter(reader.visible(), code=code.upper()).annotate(changed=CHANGED)
    found = _records(rows, values)
    if not found:
        raise NotFound(_("service_request_id %(code)s was not found.") % {"code": code[:40]})
    return found


def _filtered(rows: Rows, values: Mapping[str, str]) -> tuple[Rows, tuple[str, str]]:
    zone, now = city_zone(), clock.now()
    updated = params.window(values, "updated_after", "updated_before", zone)
    requested = params.window(values, "start_date", "end_date", zone)
    order = ("-received_at", "-id")
    if (
        updated
    ):  # for whoever follows changes: the oldest change first, so that reading can go on from the last one seen
        rows = rows.filter(changed__gte=updated.start, changed__lte=updated.end)
        order = ("changed", "id")
    if requested is None and updated is None:
        requested = params.Window(now - params.MAX_SPAN, now)
    if requested:
        rows = rows.filter(received_at__gte=requested.start, received_at__lte=requested.end)
    if wanted := params.comma_list(values, "service_code"):
        known = categories()
        if unknown := [code for code in wanted if code not in known]:
            raise NotFound(_("service_code %(code)s was not found.") % {"code": ", ".join(unknown)[:200]})
        rows = rows.filter(category_id__in=[known[code].pk for code in wanted])
    if statuses := {status.lower() for status in params.comma_list(values, "status")}:
        if statuses - {"open", "closed"}:
            raise params.BadArgument(_("status: open or closed."))
        if len(statuses) == 1:
            rows = rows.filter(is_open="open" in statuses)
    return rows, order


def _page(values: Mapping[str, str]) -> tuple[int, int]:
    """page and page_size (an extension); without them "the first 1000"."""
    paged = bool(params.text(values, "page") or params.text(values, "page_size"))
    size = params.whole_number(
        values, "page_size", default=params.PAGE_SIZE if paged else params.MAX_ROWS, low=1, high=params.MAX_ROWS
    )
    page = params.whole_number(values, "page", default=1, low=1, high=params.MAX_OFFSET // size)
    return (page - 1) * size, size


def _records(rows: Rows, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows as records: two statements, three with extensions."""
    cases = list(rows.values(*COLUMNS))
    photos = photos_of([case["id"] for case in cases])
    records = [_record(case, photos.get(case["id"], [])) for case in cases]
    if params.truth(values, "extensions"):
        notes = _notes([case["id"] for case in cases])
        for case, record in zip(cases, records, strict=True):
            record |= _extended(case, photos.get(case["id"], []), notes.get(case["id"], []))
    return records


def _record(case: dict[str, Any], photos: list[str]) -> dict[str, Any]:
    """GeoReport v2, "GET Service Requests", Response; in the order of the specification."""
    zone, tongue = city_zone(), language()
    category = reference.categories()[case["category_id"]]
    agency = reference.agencies().get(case["agency_id"])
    public = case["moderated"] and case["visibility"] != Category.Visibility.RESTRICTED
    due = case["due_final_at"] or case["due_original_at"]
    return {
        "service_request_id": case["code"],
        "status": "open" if case["is_open"] else "closed",
        "status_notes": status_notes(case),
        "service_name": category.name(tongue),
        "service_code": category.code,
        "description": (case["public_body"] if public else case["body"])[:4000] or None,
        "agency_responsible": agency.name(tongue) if agency else None,
        "service_notice": None,
        "requested_datetime": w3(case["received_at"], zone),
        "updated_datetime": w3(case["changed"], zone),
        "expected_datetime": w3(due, zone),
        "address": (case["public_address"] if public else case["address"]) or None,
        "address_id": None,
        "zipcode": None,
        "lat": case["public_lat"] if public else case["lat"],
        "long": case["public_lon"] if public else case["lon"],
        "media_url": photos[0] if photos else None,
    }


def status_notes(case: Mapping[str, Any]) -> str | None:
    """Why the status is what it is: the published answer, or what closed the case."""
    if case["parent__code"]:
        return _("Merged into %(code)s.") % {"code": case["parent__code"]}
    if case["published_at"] and case["answer"]:
        return str(case["answer"])[:4000]
    return None


# What mySociety's extension calls the states in between; docs/open311.md has the table.
EXTENDED = {
    "triage": "for_triage",
    "rejected": "no_further_action",
    "redirected": "not_councils_responsibility",
    "merged": "duplicate",
    "assigned": "open",
    "dispatched": "open",
    "planned": "action_scheduled",
    "answered": "investigating",
    "waiting_citizen": "investigating",
    "accepted": "in_progress",
    "in_progress": "in_progress",
    "extension_requested": "in_progress",
    "on_the_way": "in_progress",
    "on_scene": "in_progress",
    "active": "in_progress",
}
FIXED = frozenset({Outcome.FIXED, Outcome.ENFORCED})


def extended_status(state: str, is_open: bool, outcome: str, reopened: int = 0) -> str:
    """The state of a case in the vocabulary of servicerequestupdates."""
    if is_open:
        return "reopen" if reopened and state == "assigned" else EXTENDED.get(state, "in_progress")
    if outcome in FIXED:
        return "fixed"
    if outcome == Outcome.DUPLICATE:
        return "duplicate"
    return EXTENDED.get(state, "closed") if state not in {"published", "closed"} else "closed"


def _extended(case: dict[str, Any], photos: list[str], notes: list[dict[str, Any]]) -> dict[str, Any]:
    unit = reference.units().get(case["unit_id"])
    return {
        "extended_attributes": {
            "status": extended_status(case["state"], case["is_open"], case["outcome"], case["reopened"]),
            "channel": case["channel"],
            "unit_code": unit.code if unit else None,
            "unit_name": unit.name(language()) if unit else None,
            "outcome": case["outcome"] or None,
            "rating": case["rating"] or None,
            "photos": [{"media_url": url} for url in photos],
        },
        "notes": notes,
    }


def photos_of(case_ids: Iterable[Any]) -> dict[Any, list[str]]:
    """Addresses of the public photos of cases, the reporter's first. One statement."""
    found: dict[Any, list[str]] = {}
    rows = CaseFile.objects.filter(
        case_id__in=list(case_ids), public=True, role__in=["before", "after"], file__masking="done"
    )
    # "before" sorts after "after": the reporter's photos come first.
    for case_id, file_id in rows.order_by("-role", "id").values_list("case_id", "file_id"):
        found.setdefault(case_id, []).append(f"{settings.PUBLIC_URL}/files/{file_id}/full")
    return found


def _notes(case_ids: list[Any]) -> dict[Any, list[dict[str, Any]]]:
    """What happened, from the public parts of the journal. One statement."""
    zone, found = city_zone(), dict[Any, list[dict[str, Any]]]()
    entries = JournalEntry.objects.filter(subject_id__in=case_ids, subject_kind="case", parts__has_key="public")
    for entry in entries.order_by("id").only("at", "action", "subject_id", "parts"):
        note = {"datetime": w3(entry.at, zone), "description": description_of(entry), "type": step_of(entry)}
        found.setdefault(entry.subject_id, []).append(note)
    return found


def step_of(entry: JournalEntry) -> str:
    return entry.action.partition(".")[2]


def description_of(entry: JournalEntry) -> str:
    """The public words of an entry, if it has any."""
    return words_of(entry.parts.get("public", {})) or step_of(entry).replace("_", " ")


def words_of(parts: Mapping[str, Any]) -> str:
    """What an entry says: the step in the reader's language, and below it what was written for everyone."""
    said, written = parts.get("said") or {}, parts.get("text")
    return "\n".join(filter(None, (pick(said), written if isinstance(written, str) else "")))[:4000]
