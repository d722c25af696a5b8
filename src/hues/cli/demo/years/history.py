"""Six years of reports, in the order of time, as batches of rows."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hues.cases import moderation, processes, reference
from hues.cases.models import Case, CaseTimer
from hues.city import pack, routing
from hues.city.clock import city_zone
from hues.city.models import Category
from hues.cli.demo.answers import sample_answers
from hues.cli.demo.moments import Moments
from hues.cli.demo.places import Geography, Spot
from hues.cli.demo.texts import Kind, Texts
from hues.cli.demo.writer import Writer
from hues.cli.demo.years.rows import Ids, JournalRows, cell
from hues.cli.demo.years.stories import Stories
from hues.cli.demo.years.way import Actor, Later, Surroundings, Way
from hues.kernel import geo
from hues.kernel.log.tree import Frontier

REPORTS = 183_000
BATCH = 12_000
PHOTO_DAYS = 3  # photos are drawn for the newest reports only: six years of them would fill a disk with drawings

CASE_COLUMNS = [str(field.column) for field in Case._meta.concrete_fields]
_NAMES = [field.attname for field in Case._meta.concrete_fields]
_CHANNELS = {"web": 78, "hotline": 17, "open311": 5}
_KNOWN = 0.83  # of the reporters: who calls the hotline often leaves no account
_NEW = 0.21  # of the reports come from somebody new
_RECEIVED = {"vi": "Đã nhận phản ánh", "en": "Received"}


@dataclass
class World:
    """What the loader prepared: who works where, and what is taken."""

    operators: list[str]
    lead: str
    officers: Mapping[int, list[str]]  # by agency
    citizens: list[str]  # with numbers of the sandbox
    codes: set[str]
    names: set[str]
    frontier: Frontier | None


@dataclass
class Batch:
    """Lines for COPY, by table; and the photos that the newest reports want."""

    reports: int = 0
    users: bytes = b""
    cases: bytes = b""
    journal: bytes = b""
    leaves: bytes = b""
    nodes: bytes = b""
    timers: bytes = b""
    messages: bytes = b""
    photos: list[dict[str, Any]] = field(default_factory=list)


class History:
    def __init__(self, texts: Texts, now: datetime, world: World, total: int = REPORTS) -> None:
        self.texts, self.now, self.world, self.total = texts, now, world, total
        self.rng = rng = random.Random("six years of Huế")  # noqa: S311 - sample data
        self.ids = Ids(rng, world.codes, world.names)
        self.journal = JournalRows(rng, world.frontier)
        centre = frozenset({*world.operators, world.lead})
        self.around = Surroundings(now, self.ids, self.journal, processes.latest, centre)
        self.places, self.writer = Geography(texts.shape), Writer(texts, rng)
        self.moments = Moments(texts, city_zone())
        shape = texts.shape
        self.stories = Stories(texts, self.writer, rng, world.operators, world.lead, self._late_share(), self._say)
        self.stories.rated = shape["rated"] / 100 / _KNOWN * 1.035  # those of a command are not rated
        self.stories.reopened = shape["reopened"] / 100 / _KNOWN
        self.prefix = pack.settings()["code_prefix"]
        self.blank = {field.attname: field.get_default() for field in Case._meta.concrete_fields} | {"is_sample": True}
        self.people: list[str] = []
        self.lines: dict[str, list[str]] = {name: [] for name in ("users", "cases", "timers", "messages")}
        self.photos: list[dict[str, Any]] = []
        self.merged_left = round(total * shape["merged"] / 100)
        self.handled_share = shape["eligible"] / (100 - shape["merged"])
        self.redirected_share = shape["redirected"] / (100 - shape["merged"])

    def _late_share(self) -> float:
        """Of the timed ones: such that, with the immediate ones that are hardly ever late, the whole is as published."""
        groups = {code: category.process_group for code, category in reference.categories_by_code().items()}
        shares = {kind.code: kind.share for kind in self.texts.kinds.values()}
        timed = sum(share for code, share in shares.items() if groups[code] == "timed") / sum(shares.values())
        again = (self.texts.shape["outcomes"]["planned_with_date"] + self.texts.shape["reopened"]) / 100
        flooded = 0.98  # floods bring more that is immediate
        late = 1 - self.texts.shape["on_time"] / 100 - (1 - timed) * 0.04
        return min(0.95, late / (timed * flooded * (1 - again)))  # what begins again ends in time, mostly

    # ── the days ──

    def batches(self, first: date) -> Iterator[Batch]:
        """All of them; `total` in the end, of which the second reports of the same thing are a share."""
        last = self.now.astimezone(city_zone()).date()
        alone = self.left = self.total - self.merged_left
        for day, count in self.moments.days(first, last, alone):
            self._day(day, count)
            if len(self.lines["cases"]) >= BATCH:
                yield self.take()
        found_no_twin, self.merged_left = self.merged_left, 0
        self._day(last, found_no_twin)
        yield self.take()

    def _day(self, day: date, count: int) -> None:
        flood = self.moments.flood(day)
        for at, kind in self._reports_of(day, count):
            spot = self.places.spot(self.rng, among=flood[0].worst if flood else ())
            way = self.report(kind, spot, at)
            self.left -= 1
            self._twin(way, kind, spot)
            self.keep(way)

    def _reports_of(self, day: date, count: int) -> list[tuple[datetime, Kind]]:
        """The reports of a day in the order of time; of today, those that have come."""
        found = []
        for _ in range(count):
            kind = self.moments.kind(day, self.rng)
            at = self.moments.at(day, kind, self.rng)
            while at >= self.now:
                at -= timedelta(seconds=self.rng.randrange(600, 40_000))
            found.append((at, kind))
        return sorted(found, key=lambda pair: pair[0])

    def take(self) -> Batch:
        batch = Batch(reports=len(self.lines["cases"]), photos=self.photos)
        for name, lines in self.lines.items():
            setattr(batch, name, "".join(lines).encode())
            lines.clear()
        batch.journal, batch.leaves, batch.nodes = self.journal.take()
        self.photos = []
        return batch

    # ── a report ──

    def report(self, kind: Kind, spot: Spot, at: datetime) -> Way:
        """A report and all that has become of it until now."""
        way, officer = self.open(kind, spot, at), None
        try:
            when = self._triage(way)
            draw = self.rng.random()
            if draw < self.handled_share:
                officer = self.accept(way, when)
                {"timed": self.stories.timed, "immediate": self.stories.immediate, "command": self.stories.command}[
                    way.category.process_group
                ](way, kind, spot, officer)
            elif draw < self.handled_share + self.redirected_share:
                self.stories.redirect(way, when)
            else:
                self.stories.reject(way, when)
        except Later:
            pass
        self._wants_photos(way, kind, officer)
        return way

    def open(self, kind: Kind, spot: Spot, at: datetime) -> Way:
        rng, category = self.rng, reference.categories_by_code()[kind.code]
        channel = rng.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
        language = "en" if kind.en and channel == "web" and rng.random() < self._english else "vi"
        reporter = self._reporter(at, language) if channel != "hotline" or rng.random() < 0.1 else None
        row = self.blank | {
            "id": self.ids.at(at), "code": self.ids.code(self.prefix), "channel": channel,
            "group": category.process_group, "category_id": category.pk, "unit_id": spot.unit, "unit_approximate": True,
            "priority": category.priority, "visibility": category.visibility, "reporter_id": reporter,
            "anonymous": rng.random() < 0.85, "body": self.writer.report(kind, spot, language), "language": language,
            "answers": sample_answers(category, rng, at), "address": spot.address, "lat": spot.lat, "lon": spot.lon,
            "place_source": rng.choice(("photo", "device", "device", "map", "address")),
            "received_at": at, "updated_at": at, "pending": {}, "source_data": {},
        }  # fmt: skip
        way = Way(self.around, row, category, category.names)
        self.journal.add(
            self.ids.at(at), at, ("citizen", reporter) if reporter else self.stories.operator(), "case.opened", row["id"],
            {
                "public": {"said": _RECEIVED, "state": row["state"], "category": category.code},
                "staff": {"channel": channel, "visibility": row["visibility"], "priority": row["priority"]},
            },
        )  # fmt: skip
        return way

    @property
    def _english(self) -> float:
        return 0.075  # of those that visitors write about: about 3% of all

    def _reporter(self, at: datetime, language: str) -> str:
        rng = self.rng
        if at > self.now - timedelta(days=120) and rng.random() < 0.02:
            return rng.choice(self.world.citizens)
        if self.people and rng.random() > _NEW:
            return self.people[-1 - int(len(self.people) * rng.random() ** 1.4)]
        opened = at - timedelta(minutes=rng.randrange(2, 40))
        person = self.ids.at(opened)
        self.people.append(person)
        self.lines["users"].append(
            f"{person}\t!sample\tcitizen\t{self.ids.name()}\t\t\t{language}\tt\tt\t{opened.isoformat()}\n"
        )
        return person

    def _triage(self, way: Way) -> datetime:
        """When the centre decides: mostly well within its time, sometimes late."""
        rng = self.rng
        part = rng.uniform(1.0, 1.7) if rng.random() < 0.05 else rng.betavariate(1.4, 4)
        return way.share(part)

    def accept(self, way: Way, at: datetime) -> Actor:
        """Accepted and assigned, dispatched or activated; returned by the agency now and then. Returns who handles it."""
        officer = self._assign(way, at)
        if way.category.process_group == "timed" and self.rng.random() < 0.02:
            at = way.moment(way.share(self.rng.uniform(0.03, 0.12)))
            agency, reason = way.row["agency_id"], self.writer.pick("returns")
            columns = {"hops": 1, "agency_id": None, "officer_id": None, "pending": {"returned": {"agency": agency}}}
            way.step("return", at, officer, state="triage", columns=columns, staff={"agency": agency, "reason": reason})
            officer = self._assign(way, way.working(self.rng.uniform(10, 120)))
        return officer

    def _assign(self, way: Way, at: datetime) -> Actor:
        at, row, category = way.moment(at), way.row, way.category
        unit = reference.units()[row["unit_id"]]
        way.agency = routing.agency_for(category, unit, address=row["address"], at=row["received_at"])
        officer: Actor = ("staff", self.rng.choice(self.world.officers[way.agency.pk]))
        step, state = {
            "timed": ("accept", "assigned"), "immediate": ("assign", "dispatched"), "command": ("activate", "active"),
        }[category.process_group]  # fmt: skip
        columns = {
            "agency_id": way.agency.pk, "officer_id": None, "accepted_at": at, "assigned_at": at, "moderated": True,
            "first_read_at": row["first_read_at"] or at, **_public(row),
        }  # fmt: skip
        if step == "activate":
            columns["started_at"] = at
        way.step(step, at, self.stories.operator(), state=state, columns=columns,
                 public={"agency": way.agency.code, "category": category.code},
                 staff={"priority": str(row["priority"]), "visibility": row["visibility"]})  # fmt: skip
        return officer

    # ── the same, reported twice ──

    def _twin(self, way: Way, kind: Kind, spot: Spot) -> None:
        """Now and then somebody else reports it too, and the centre merges the two."""
        row, rng = way.row, self.rng
        if not self.merged_left or not row["accepted_at"] or row["reopened"] or row["group"] == "command":
            return
        quota = self.merged_left / max(1.0, self.left * self.handled_share)
        end = min(row["answered_at"] or self.now, self.now)
        room = (end - row["accepted_at"]).total_seconds() - 1800
        if rng.random() > quota * 1.12 or room < 600:
            return
        self.merged_left -= 1
        twin = self.open(
            kind, spot, (row["accepted_at"] + timedelta(seconds=rng.uniform(1, room))).replace(microsecond=0)
        )
        try:
            at = twin.moment(twin.changed_at + timedelta(minutes=rng.uniform(5, 25)))
            operator = self.stories.operator()
            before = {"state": twin.row["state"], "agency": None, "officer": None, "outcome": ""}
            columns = {
                "parent_id": row["id"],
                "outcome": "duplicate",
                "pending": {"merge": before},
                "first_read_at": at,
            }
            told = {"other_vi": row["code"], "other_en": row["code"]}
            twin.step("merge", at, operator, state="merged", columns=columns, told=told,
                      party={"parent": row["code"]}, staff={"parent": row["id"]})  # fmt: skip
            row["merged_count"] += 1
            row["version"] += 1
            joined = {"vi": f"Gộp thêm {twin.row['code']}", "en": f"{twin.row['code']} was merged into it"}
            self.journal.add(
                self.ids.at(at), at, operator, "case.joined", row["id"],
                {"staff": {"case": twin.row["id"], "said": joined}},
            )  # fmt: skip
        except Later:
            pass
        self.keep(twin)

    # ── keeping ──

    def keep(self, way: Way) -> None:
        timers = way.finish()
        row = way.row
        self.lines["cases"].append("\t".join([cell(row[name]) for name in _NAMES]) + "\n")
        self.lines["timers"].extend(_timer_line(timer) for timer in timers)

    def _say(self, way: Way, at: datetime, author: Actor, body: str) -> None:
        agency = way.row["agency_id"] if author[0] == "staff" else None
        values = (self.ids.at(at), way.row["id"], "party", author[0], author[1], agency, body, at)
        self.lines["messages"].append("\t".join(map(cell, values)) + "\n")

    def _wants_photos(self, way: Way, kind: Kind, officer: Actor | None) -> None:
        row = way.row
        if self.now - row["received_at"] > timedelta(days=PHOTO_DAYS) or not row["reporter_id"] or kind.scene == "none":
            return
        wanted = {"case": row["id"], "scene": kind.scene, "street": self.rng.randrange(100), "at": row["received_at"]}
        shown = row["moderated"] and row["visibility"] == Category.Visibility.PUBLIC
        if way.category.evidence.get("photos_required") or self.rng.random() < 0.5:
            self.photos.append(
                wanted | {"role": "before", "owner": row["reporter_id"], "by": "citizen", "public": shown}
            )
        if officer and row["outcome"] in ("fixed_with_evidence", "enforcement_done"):
            done = {"role": "after", "owner": officer[1], "by": "staff", "at": row["answered_at"]}
            self.photos.append(wanted | done | {"public": shown and row["published_at"] is not None})


def _public(row: dict[str, Any]) -> dict[str, Any]:
    """What the public sees of a case that was just accepted (hues.cases.moderation)."""
    match row["visibility"]:
        case "restricted":
            return {"public_body": "", "public_address": "", "public_lat": None, "public_lon": None}
        case "masked":
            point = geo.hide_in_street(row["lat"], row["lon"])
            return {
                "public_body": row["body"], "public_address": moderation.street_only(row["address"]),
                "public_lat": point.lat, "public_lon": point.lon,
            }  # fmt: skip
    return {
        "public_body": row["body"], "public_address": row["address"], "public_lat": row["lat"], "public_lon": row["lon"],
    }  # fmt: skip


def _timer_line(timer: CaseTimer) -> str:
    values = (str(timer.case_id), timer.kind, timer.fire_at, timer.serial, timer.data, timer.fired_at)
    return "\t".join(map(cell, values)) + "\n"
