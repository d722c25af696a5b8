"""Open reports that may be about the same thing as one that is being written or read, with enough to decide.

Citizens and guests are offered what everyone may read, by its public place and words; staff what they may see. Two statements: the reports
around the point from an index, then their photos.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.assist.duplicates import kinds, places
from hues.assist.duplicates.scoring import CHOICE, GRAIN_M, REACH_M, SAME_FAMILY, SAME_KIND, Evidence, choose, weigh
from hues.cases import access, reference
from hues.cases.models import LISTED, Case, CaseFile
from hues.cases.queries.rows import stage_of
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, GUEST, Actor
from hues.kernel.geo import box_around, distance_m
from hues.kernel.text import vn_fold

LOOKED_AT = 400  # at most so many reports are weighed, the newest
READ = 40  # of the likeliest by all else, the words are compared
READ_CHARACTERS = 500  # of each text: who writes more has said by then what it is about
FARTHEST_M = 1_000.0  # a flood is one matter over a wide area; nothing is wider
RADIUS_PER_GRAIN = 3  # the pack's radius of a kind (a hole 15 m, a flood 500 m) is three times what people point at
SAME_PHOTO = 10  # bits of the perceptual hash that may differ
SAME_WORDS = 0.5
EXCERPT = 200
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True)
class Nearby:
    """A report that may be about the same. Texts are those that the asker may read."""

    code: str
    title: str
    category: str
    text: str
    address: str
    lat: float
    lon: float
    distance_m: float
    score: float  # how much speaks for it against "it is something new": 0 … 1
    received_at: datetime
    agency: str
    state: str
    stage: str
    photo: UUID | None
    supporters: int  # people besides the reporter: merged reports and "me too"
    mine: bool  # the asker reported it
    because: tuple[str, ...]


def near(
    lat: float | None,
    lon: float | None,
    *,
    category: str = "",
    text: str = "",
    address: str = "",
    phashes: Sequence[int] = (),
    at: datetime | None = None,
    limit: int = 4,
    actor: Actor = GUEST,
    exclude: UUID | None = None,
) -> list[Nearby]:
    """The likeliest first, at most `limit`; none without a point. `category` is a code; `at` is when the asker's report came: only earlier
    ones are offered. At most two statements."""
    if lat is None or lon is None:
        return []
    kind = reference.categories_by_code().get(category)
    grain = kind.duplicate_radius_m / RADIUS_PER_GRAIN if kind else GRAIN_M
    reach = min(FARTHEST_M, max(REACH_M, RADIUS_PER_GRAIN * grain))
    moment = at or clock.now()
    public = not _works_here(actor)
    rows = [
        row
        for row in _around(lat, lon, reach, moment, actor, public=public)
        if row["id"] != exclude and row["metres"] <= reach
    ]
    if not rows:
        return []
    photos = _photos([row["id"] for row in rows], public=public) if phashes else {}
    asked = {
        "kind": kind.pk if kind else None,
        "address": places.parse(address),
        "hashes": phashes,
    }
    _compare(rows, asked, photos, moment)
    _compare_words(rows, _words(text), grain)
    best = _best(rows, grain, min(limit, CHOICE.most))
    if not phashes:
        photos = _photos([row["id"] for row in best], public=public)
    language = get_language() or actor.language
    return [_shown(row, photos, language, actor) for row in best]


def _works_here(actor: Actor) -> bool:
    """Whoever sees more than everyone does: staff with a desk."""
    return actor.kind == "staff" and bool(actor.in_centre or actor.has(AUDITOR) or access.agencies_of(actor))


# Reading

_KEPT = (
    "id", "code", "category_id", "agency_id", "process_id", "state", "phase", "received_at", "merged_count", "support_count", "reporter_id",
)  # fmt: skip
_PLACE = ("lat", "lon", "address")


def _around(
    lat: float, lon: float, reach: float, before: datetime, actor: Actor, *, public: bool
) -> list[dict[str, Any]]:
    """Open reports in the box, with their distance. One statement, from the index of public or of open places."""
    box = box_around(lat, lon, reach)
    names = {name: f"public_{name}" if public else name for name in (*_PLACE, "body")}
    inside = Q(**{f"{names['lat']}__range": (box.south, box.north), f"{names['lon']}__range": (box.west, box.east)})
    seen = LISTED if public else access.visible_to(actor)
    found = Case.objects.filter(inside, seen, is_open=True, received_at__lte=before).order_by("-received_at", "-id")
    rows = []
    found = found.annotate(said=Left(names["body"], READ_CHARACTERS))
    for values in found.values_list(*_KEPT, *(names[name] for name in _PLACE), "said")[:LOOKED_AT]:
        row = dict(zip((*_KEPT, *_PLACE, "body"), values, strict=True))
        row["metres"] = distance_m(lat, lon, row["lat"], row["lon"])
        rows.append(row)
    return rows


def _photos(case_ids: Sequence[UUID], *, public: bool) -> dict[UUID, list[tuple[UUID, int | None]]]:
    """Of each report its photos and how they look, the first first. One statement."""
    files = CaseFile.objects.filter(case_id__in=case_ids, role=CaseFile.Role.BEFORE)
    if public:
        files = files.filter(public=True, file__masking="done")
    found: dict[UUID, list[tuple[UUID, int | None]]] = {}
    for case_id, file_id, phash in files.order_by("pk").values_list("case_id", "file_id", "file__phash"):
        found.setdefault(case_id, []).append((file_id, phash))
    return found


# Weighing


def _compare(rows: list[dict[str, Any]], asked: dict[str, Any], photos: dict[UUID, Any], moment: datetime) -> None:
    """What speaks for each report, put into its row."""
    for row in rows:
        there = places.parse(row["address"])
        row["same_address"] = bool(there.whole) and there.whole == asked["address"].whole
        row["apart"] = min(row["metres"], places.metres_along(asked["address"], there))
        row["kin"] = SAME_FAMILY if asked["kind"] is None else kinds.kinship(asked["kind"], row["category_id"])
        row["alike"] = 0.0
        row["same_photo"] = any(
            phash is not None and looks_alike(phash, mine)
            for _file, phash in photos.get(row["id"], ())
            for mine in asked["hashes"]
        )
        row["days"] = max(0.0, (moment - row["received_at"]).total_seconds() / 86_400)


def _compare_words(rows: list[dict[str, Any]], words: frozenset[str], grain: float) -> None:
    """Reading is what costs time where hundreds of reports lie around: only those are read that words could still make the likeliest."""
    if not words:
        return
    likeliest = np.argsort(-weigh(_evidence(rows, grain)), kind="stable")[:READ]
    for index in likeliest:
        rows[index]["alike"] = _alike(words, _words(rows[index]["body"]))


def _evidence(rows: list[dict[str, Any]], grain: float) -> Evidence:
    columns = {
        name: np.array([row[name] for row in rows])
        for name in ("apart", "same_address", "kin", "alike", "same_photo", "days")
    }
    return Evidence(
        metres=columns["apart"].astype(np.float64),
        same_address=columns["same_address"],
        kin=columns["kin"],
        days=columns["days"].astype(np.float64),
        closed=np.zeros(len(rows), dtype=np.bool_),
        grain=grain,
        text=columns["alike"].astype(np.float64),
        photo=columns["same_photo"].astype(np.float64),
    )


def _best(rows: list[dict[str, Any]], grain: float, limit: int) -> list[dict[str, Any]]:
    weight = weigh(_evidence(rows, grain))
    newest = (
        np.array([row["received_at"].timestamp() for row in rows]).argsort(kind="stable").argsort().astype(np.int64)
    )
    offered, _share = choose(weight, np.zeros(len(rows), dtype=np.int64), newest)
    for index in offered[:limit]:
        rows[index]["score"] = float(1 / (1 + np.exp(CHOICE.nothing - weight[index])))
    return [rows[index] for index in offered[:limit]]


def looks_alike(one: int, other: int) -> bool:
    """Whether two perceptual hashes are of the same photo, re-encoded or made smaller."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count() <= SAME_PHOTO


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(vn_fold(text[:READ_CHARACTERS])))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that two texts have in common (Dice), 0 … 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


# Showing


def _shown(row: dict[str, Any], photos: dict[UUID, Any], language: str, actor: Actor) -> Nearby:
    kind = reference.categories()[row["category_id"]]
    agency = reference.agencies().get(row["agency_id"] or 0)
    first = photos.get(row["id"], ())
    return Nearby(
        code=row["code"],
        title=kind.name(language),
        category=kind.code,
        text=row["body"][:EXCERPT],
        address=row["address"],
        lat=row["lat"],
        lon=row["lon"],
        distance_m=round(row["metres"], 1),
        score=round(row["score"], 3),
        received_at=row["received_at"],
        agency=agency.name(language) if agency else "",
        state=row["state"],
        stage=stage_of(row["process_id"], row["state"], row["phase"]),
        photo=first[0][0] if first else None,
        supporters=row["merged_count"] + row["support_count"],
        mine=actor.kind == "citizen" and actor.id is not None and actor.id == row["reporter_id"],
        because=_reasons(row),
    )


def _reasons(row: dict[str, Any]) -> tuple[str, ...]:
    """What speaks for it, in words."""
    found = [_("same photo")] if row["same_photo"] else []
    found.append(_("same address") if row["same_address"] else _("%(n)s m away") % {"n": max(1, round(row["metres"]))})
    if row["kin"] == SAME_KIND:
        found.append(_("same kind"))
    if row["alike"] >= SAME_WORDS:
        found.append(_("nearly the same words"))
    return tuple(found)
