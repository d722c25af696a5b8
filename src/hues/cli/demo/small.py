"""The small sample city: about 400 reports of the last 60 days, through the real actions, some in every state."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hues.cases import clocks, reference
from hues.cases.actions import take_step
from hues.city.calendar import city_calendar
from hues.city.clock import city_zone
from hues.cli.demo.accounts import Staff, open_citizens
from hues.cli.demo.moments import Moments
from hues.cli.demo.places import Geography
from hues.cli.demo.simulation import Simulation, Story
from hues.cli.demo.stories import Plan, Teller
from hues.cli.demo.texts import Texts
from hues.cli.demo.writer import Writer
from hues.kernel import clock
from hues.people.models import User

DAYS = 60
ORDINARY = 330  # besides those that show a state
_EXTRAS = {"talk": 0.14, "note": 0.12, "ask": 0.06, "return": 0.03, "bounce": 0.06}


@dataclass(frozen=True)
class Shown:
    """A case that shows something now. `due`: between how many hours from now its deadline lies; `ago`: hours since it
    was opened."""

    kind: str
    ward: str
    stop: str
    due: tuple[float, float] | None = None
    ago: float = 0
    citizen: int | None = None  # one of the first accounts, so that a visitor who signs in finds their own
    more: dict[str, Any] | None = None


_SOON, _LATE, _VERY_LATE = (1.0, 26.0), (-70.0, -2.0), (-260.0, -150.0)
THUAN_HOA, PHU_XUAN, VY_DA, AN_CUU, KIM_LONG, QUANG_DIEN = "19789", "19753", "19777", "19815", "19774", "19867"

SHOWN: tuple[Shown, ...] = (
    # Just arrived
    Shown("MT01", THUAN_HOA, "opened", ago=0.2), Shown("GT01", PHU_XUAN, "opened", ago=0.6), Shown("DT01", VY_DA, "opened", ago=1.1),
    Shown("TT01", THUAN_HOA, "opened", ago=1.6, citizen=0), Shown("HT04", AN_CUU, "opened", ago=2.2), Shown("TT03", KIM_LONG, "opened", ago=2.9),
    Shown("DT03", THUAN_HOA, "opened", ago=0.05), Shown("HT05", VY_DA, "opened", ago=0.1),
    # Due soon
    Shown("MT02", THUAN_HOA, "start", _SOON), Shown("TT05", THUAN_HOA, "accept", _SOON), Shown("TT02", THUAN_HOA, "start", _SOON),
    Shown("MT02", PHU_XUAN, "accept", _SOON), Shown("TT02", PHU_XUAN, "start", _SOON), Shown("DT01", PHU_XUAN, "start", _SOON, citizen=0),
    Shown("DT01", THUAN_HOA, "accept", _SOON), Shown("HT04", THUAN_HOA, "start", _SOON), Shown("DT04", AN_CUU, "start", _SOON),
    # Late, and very late
    Shown("MT02", THUAN_HOA, "start", _LATE), Shown("TT02", PHU_XUAN, "start", _LATE), Shown("HT04", PHU_XUAN, "start", _LATE),
    Shown("DT01", VY_DA, "accept", _LATE), Shown("GT01", THUAN_HOA, "start", _LATE), Shown("DT05", THUAN_HOA, "start", _VERY_LATE),
    Shown("TT02", THUAN_HOA, "accept", _VERY_LATE),
    # Waiting for a decision, an answer, a check
    Shown("DT01", PHU_XUAN, "request_extension", _SOON, more={"late": True}),
    Shown("HT04", VY_DA, "request_extension", _SOON, more={"late": True}),
    Shown("TT02", THUAN_HOA, "request_extension", _SOON, more={"late": True}),
    Shown("GT01", AN_CUU, "request_extension", _SOON, more={"late": True}),
    Shown("TT02", THUAN_HOA, "ask", _SOON, citizen=1, more={"extras": frozenset({"ask"})}),
    Shown("MT03", PHU_XUAN, "ask", _SOON, more={"extras": frozenset({"ask", "note"})}),
    Shown("DT04", THUAN_HOA, "ask", _SOON, citizen=0, more={"extras": frozenset({"ask"})}),
    Shown("DT01", KIM_LONG, "asked", ago=30), Shown("YT03", VY_DA, "submit", _SOON, more={"outcome": "temporary_fix"}),
    Shown("DT01", THUAN_HOA, "answer", _SOON), Shown("HT04", THUAN_HOA, "answer", _SOON), Shown("MT03", PHU_XUAN, "answer", _SOON),
    Shown("DT05", VY_DA, "answer", _SOON, more={"outcome": "temporary_fix"}),
    Shown("TT01", PHU_XUAN, "answer", (-20.0, 60.0), more={"outcome": "no_violation_found"}),
    # Promised for a day
    Shown("GT12", THUAN_HOA, "", ago=430, citizen=0, more={"outcome": "planned_with_date"}),
    Shown("DT01", QUANG_DIEN, "", ago=480, more={"outcome": "planned_with_date"}),
    Shown("GT05", PHU_XUAN, "", ago=500, more={"outcome": "planned_with_date"}),
    # Published and unrated, rated, reopened once and twice
    Shown("DT01", THUAN_HOA, "", ago=150, citizen=0), Shown("HT04", PHU_XUAN, "", ago=160, citizen=1),
    Shown("MT02", THUAN_HOA, "", ago=420, citizen=0, more={"rating": "satisfied"}),
    Shown("MT02", PHU_XUAN, "reopen", ago=300, citizen=1, more={"reopen": 1, "rating": "not_satisfied"}),
    Shown("DT01", AN_CUU, "reopen", ago=330, more={"reopen": 1}),
    Shown("HT04", THUAN_HOA, "reopen", ago=640, more={"reopen": 2}),
    # Tasks of minutes
    Shown("DT03", PHU_XUAN, "assign", ago=0.3), Shown("HT05", THUAN_HOA, "accept", ago=0.5), Shown("GT08", THUAN_HOA, "on_the_way", ago=0.6),
    Shown("DT03", VY_DA, "on_scene", ago=0.9), Shown("HT01", AN_CUU, "on_scene", ago=1.0), Shown("GT03", PHU_XUAN, "done", ago=2.5),
    Shown("MT06", THUAN_HOA, "done", ago=3.0),
)  # fmt: skip

PAIRS = (("DT01", THUAN_HOA), ("MT01", PHU_XUAN), ("HT04", VY_DA), ("GT01", AN_CUU))  # reported by two people


def play_small(texts: Texts, now: datetime) -> int:
    """Make accounts and reports; returns how many reports. Call inside a transaction."""
    rng = random.Random("small Huế")  # noqa: S311 - sample data
    start = now - timedelta(days=DAYS, hours=1)
    with clock.at(start):
        staff, citizens = Staff(texts), open_citizens(texts)
    places, writer = Geography(texts.shape), Writer(texts, rng)
    cast = Cast(texts, places, citizens, now, rng)
    teller = Teller(staff, writer, places, rng)
    simulation = Simulation(start, now)
    plans = 0
    for at, plan in sorted([*cast.ordinary(start), *cast.shown()], key=lambda pair: pair[0]):
        simulation.begin(at, teller.tell(plan, at))
        plans += 1
    for first_at, first, second_at, second in cast.pairs():
        simulation.begin(first_at, teller.tell(first, first_at))
        simulation.begin(second_at, merge(teller, first, second))
        plans += 2
    simulation.run()
    return plans


class Cast:
    """Who reports what, when and where, and how it will go."""

    def __init__(
        self, texts: Texts, places: Geography, citizens: list[User], now: datetime, rng: random.Random
    ) -> None:
        self.texts, self.places, self.citizens, self.now, self.rng = texts, places, citizens, now, rng
        self.shape = texts.shape

    def ordinary(self, start: datetime) -> Iterable[tuple[datetime, Plan]]:
        moments = Moments(self.texts, city_zone())
        first, last = (moment.astimezone(city_zone()).date() for moment in (start, self.now))
        for day, count in moments.days(first, last, ORDINARY, growing=False):
            for _ in range(count):
                kind = moments.kind(day, self.rng)
                at = moments.at(day, kind, self.rng)
                if start < at < self.now:
                    yield at, self.plan(kind.code)

    def plan(self, code: str, ward: str = "", citizen: int | None = None, **fixed: Any) -> Plan:
        """A report that goes as most do; `fixed` says what is different."""
        rng, kind = self.rng, self.texts.kinds[code]
        category = reference.categories_by_code()[code]
        spot = self.places.wards[ward].spot(rng) if ward else self.places.spot(rng)
        plan = Plan(kind, spot, self.citizens[citizen] if citizen is not None else rng.choice(self.citizens[2:]))
        plan.language = "en" if kind.en and rng.random() < 0.12 else "vi"
        if kind.scene != "none" and (category.evidence.get("photos_required") or rng.random() < 0.6):
            plan.photos = rng.choice((1, 1, 1, 2))
        elif category.evidence.get("photos_required"):
            plan.photos = 1
        plan.street = rng.randrange(100)
        plan.fate = self._fate(category.process_group)
        plan.late = rng.random() < 1 - self.shape["on_time"] / 100
        plan.outcome = self._outcome(code)
        if rng.random() < self.shape["rated"] / 100:
            plan.rating = self._weighted(self.shape["ratings"])
        if rng.random() < self.shape["reopened"] / 100:
            plan.reopen = 1
        plan.extras = frozenset(name for name, share in _EXTRAS.items() if rng.random() < share)
        for name, value in fixed.items():
            setattr(plan, name, value)
        return plan

    def shown(self) -> Iterable[tuple[datetime, Plan]]:
        for item in SHOWN:
            fixed = {"fate": "handled", "late": False, "outcome": "fixed_with_evidence", "rating": "", "reopen": 0}
            plan = self.plan(
                item.kind, item.ward, item.citizen, **(fixed | {"extras": frozenset()} | (item.more or {}))
            )
            plan.stop, plan.language = item.stop, "vi"
            if item.due:
                plan.accept_at = self._accepted_for(item.kind, *item.due)
                plan.before = self.now - timedelta(minutes=self.rng.uniform(15, 200))
                yield plan.accept_at - timedelta(minutes=self.rng.uniform(20, 80)), plan
            else:
                if item.stop and item.stop != "reopen":
                    plan.before = self.now - timedelta(hours=item.ago * 0.15)
                yield self.now - timedelta(hours=item.ago), plan

    def pairs(self) -> Iterable[tuple[datetime, Plan, datetime, Plan]]:
        for code, ward in PAIRS:
            first, second = (self.plan(code, ward, fate="handled", late=False, extras=frozenset()) for _ in range(2))
            second.spot = first.spot
            at = self._accepted_for(code, 2, 60)
            first.stop, first.accept_at = "start", at
            yield at - timedelta(hours=1), first, min(at + timedelta(hours=2), self.now - timedelta(hours=1)), second

    def _accepted_for(self, code: str, low: float, high: float) -> datetime:
        """The latest moment at which a case had to be accepted for its deadline to lie so many hours from now."""
        target = reference.categories_by_code()[code].target
        earliest, latest = self.now + timedelta(hours=low), self.now + timedelta(hours=high)
        fallback = self.now - timedelta(hours=30)
        for quarters in range(2, 4 * 24 * 40):
            at = city_calendar().next_opening(self.now - timedelta(minutes=15 * quarters))
            if at >= self.now:
                continue
            due = clocks.start("handling", target, at, city_calendar()).due
            if earliest <= due <= latest:
                return at
            if due < earliest:
                return at
            fallback = at
        return fallback

    def _fate(self, group: str) -> str:
        draw, shape = self.rng.random() * 100, self.shape
        if draw < shape["eligible"] or (group != "timed" and draw < 88):
            return "handled"
        return "redirect" if draw > 100 - shape["redirected"] else "reject"

    def _outcome(self, code: str) -> str:
        shares = dict(self.shape["outcomes"])
        if code not in self.shape["violations"]:
            shares["fixed_with_evidence"] += shares.pop("enforcement_done")
        return self._weighted(shares)

    def _weighted(self, shares: dict[str, float]) -> str:
        return self.rng.choices(list(shares), list(shares.values()))[0]


def merge(teller: Teller, first: Plan, second: Plan) -> Story:
    """A second report of the same thing: the operator sees it and merges it."""
    case = teller.open(second)
    yield clock.now() + timedelta(minutes=teller.rng.uniform(8, 30))
    take_step(actor=teller.operator(), code=case.code, step="merge", data={"parent": first.code})
