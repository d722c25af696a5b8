"""A case on its way through a process definition, in memory: state, clock and journal as the engine would leave them.

The definition says what a state means (phase, open, clock, timers) and what is told of a step; `hues.cases.clocks`
counts the time. Only the database is left out. tests/demo compares the result with the engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from hues.cases import clocks, clockwork
from hues.cases.clocks import Clock
from hues.cases.definition import Process
from hues.cases.models import CaseTimer
from hues.city.calendar import city_calendar
from hues.city.clock import moment_text
from hues.city.models import Agency, Category
from hues.cli.demo.years.rows import Ids, JournalRows
from hues.kernel import clock

Actor = tuple[str, str | None]
SYSTEM: Actor = ("system", None)


class Later(Exception):
    """The next step is in the future: the case stays as it is."""


@dataclass
class Surroundings:
    """What all ways share."""

    now: datetime
    ids: Ids
    journal: JournalRows
    process: Callable[[str], tuple[int, Process]]  # by code
    centre: frozenset[str]  # who works there


class Draft:
    """A row as hues.cases.clockwork reads and writes a case: the same values, as attributes."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.__dict__ = row


class Way:
    def __init__(self, around: Surroundings, row: dict[str, Any], category: Category, names: dict[str, str]) -> None:
        """`row`: columns of the case; `names`: of the category, by language."""
        self.around, self.category, self.names = around, category, names
        row["process_id"], self.process = around.process(category.process)
        row.update(clock={}, pk=row["id"])
        self.row = row
        self._case: Any = Draft(row)
        self.changed_at = row["received_at"]
        self.agency: Agency | None = None
        self._enter(self.process.initial, row["received_at"])

    # ── steps ──

    def step(self, name: str, at: datetime, actor: Actor, /, *, state: str = "", **parts: Any) -> datetime:
        """Take a step: `state` is where it leads (nothing: stays). `parts` are added to what the journal tells, by
        audience. Returns the moment. Raises Later.
        """
        at = self.moment(at)
        row, step = self.row, self.process.steps[name]
        new_clock, more_days = parts.pop("new_clock", False), parts.pop("more_days", 0)
        columns, told = parts.pop("columns", {}), parts.pop("told", {})
        row.update(columns)
        if state or new_clock or more_days:
            self._enter(state or row["state"], at, afresh=new_clock, more_days=more_days)
        row["version"] += 1
        row["updated_at"] = at
        self.tell(f"case.{name}", at, actor, step.audience, step.done, told, parts)
        return at

    def moment(self, at: datetime) -> datetime:
        """Whole seconds, after what was before. Raises Later for what lies ahead."""
        at = max(at.replace(microsecond=0), self.changed_at + timedelta(seconds=20))
        if at > self.around.now:
            raise Later
        return at

    def tell(
        self, action: str, at: datetime, actor: Actor, audience: str, said: Mapping[str, str], told: Mapping[str, str],
        parts: dict[str, Any],
    ) -> None:  # fmt: skip
        by_officer = actor[0] == "staff" and actor[1] not in self.around.centre
        office = self.row["agency_id"] if by_officer else None
        shown = {"said": self.say(said, told), "state": self.row["state"], "agency_of_actor": office}
        parts[audience] = shown | parts.get(audience, {})
        self.around.journal.add(self.around.ids.at(at), at, actor, action, self.row["id"], parts)

    def say(self, texts: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
        """A text of the definition with the facts of this case (hues.cases.change.Change.words)."""
        if not any("{" in text for text in texts.values()):
            return dict(texts)
        return {language: text.format_map(self._words(language, told)) for language, text in texts.items()}

    def _words(self, language: str, told: Mapping[str, str]) -> dict[str, str]:
        due = self.row["due_at"] or self.row["due_final_at"]
        words = {
            "code": self.row["code"],
            "title": self.names[language],
            "agency": self.agency.name(language) if self.agency else "",
            "due": due_text(due, language, self.changed_at.year) if due else "",
            "date": "", "days": "", "text": "", "reason": "", "other": "",
        }  # fmt: skip
        return words | {key.removesuffix(f"_{language}"): value for key, value in told.items()}

    # ── state and clock ──

    def _enter(self, name: str, at: datetime, *, afresh: bool = False, more_days: int = 0) -> None:
        row, state = self.row, self.process.states[name]
        row["closed_at"] = at if state.terminal else None
        row["state"], row["phase"], row["is_open"] = name, state.phase, state.open
        clockwork.turn(self._case, state, at, afresh=afresh, more_days=more_days)
        self.changed_at = at

    @property
    def clock(self) -> Clock | None:
        return Clock.from_json(self.row["clock"])

    # ── time ──

    def share(self, part: float) -> datetime:
        """When this part of the granted time has passed since the clock was started."""
        running = self.clock
        if running is None:
            return self.changed_at
        if running.wall:
            return running.started + timedelta(minutes=running.total * part)
        return city_calendar().add_working_minutes(running.started, max(1.0, running.total * part))

    def working(self, minutes: float) -> datetime:
        """Working minutes after the last step."""
        return city_calendar().add_working_minutes(self.changed_at, max(1.0, minutes))

    # ── the end ──

    def finish(self) -> list[CaseTimer]:
        """The timers that are set now; those that have passed are marked as fired."""
        if self.process.states[self.row["state"]].terminal:
            return []
        found = list(clockwork.timers(self._case, self.process, self.changed_at))
        for timer in found:
            if timer.fire_at <= self.around.now:
                self._fire(timer)
        return found

    def _fire(self, timer: CaseTimer) -> None:
        """A reminder that went out: the journal tells of it, in the order of time."""
        at = timer.fired_at = timer.fire_at.replace(microsecond=0)
        rungs = self.process.ladders.get(timer.data.get("ladder", ""), ())
        rung = next((rung for rung in rungs if rung.kind == timer.kind), None)
        rules = self.process.states[self.row["state"]].timers
        rule = rung or next((rule for rule in rules if rule.kind == timer.kind), None)
        if rule is None or not rule.to:
            return
        running = self.clock
        part = clocks.share(running, at, city_calendar()) if running else 0
        told = {"kind": timer.kind, "said": self.say(rule.texts, {}), "to": list(rule.to)}
        staff = told | {"planned": timer.fire_at.isoformat(), "share": str(round(part, 3))}
        self.around.journal.add(self.around.ids.at(at), at, SYSTEM, "case.timer", self.row["id"], {"staff": staff})


@lru_cache(maxsize=20_000)
def due_text(due: datetime | date, language: str, year: int) -> str:
    """A deadline as it was told in that year."""
    with clock.at(datetime(year, 6, 1, tzinfo=due.tzinfo if isinstance(due, datetime) else None)):
        return moment_text(due, language) if isinstance(due, datetime) else str(due)
