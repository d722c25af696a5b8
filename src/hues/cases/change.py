"""One step being taken: everything that guards and effects read and write, and the words that tell of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from hues.cases import reference
from hues.cases.clocks import Clock
from hues.cases.definition import Process, Step, Texts, pick
from hues.cases.models import Case
from hues.city.calendar import WorkingCalendar, city_calendar
from hues.city.clock import day_text, moment_text
from hues.city.models import Category
from hues.kernel.actors import Actor


@dataclass
class Change:
    actor: Actor
    case: Case
    process: Process
    step: Step
    roles: frozenset[str]
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)  # the step's fields, checked
    told: dict[str, Any] = field(default_factory=dict)  # further facts for texts: "other", "days", …
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)  # what effects add to the journal, by audience
    new_clock: bool = False  # the next clock starts afresh instead of running on
    more_days: int = 0  # granted to the clock
    restored_state: str = ""  # what "@before" leads to

    @property
    def category(self) -> Category:
        return category_of(self.case)

    @property
    def calendar(self) -> WorkingCalendar:
        return city_calendar()

    @property
    def clock(self) -> Clock | None:
        return Clock.from_json(self.case.clock)

    def note(self, audience: str, **facts: Any) -> None:
        """Add to what the journal tells this audience."""
        self.parts.setdefault(audience, {}).update(facts)

    def say(self, texts: Texts) -> dict[str, str]:
        """A text of the definition in each of its languages, with the facts of this step."""
        return {
            language: text.format_map(self.words(language)) if "{" in text else text for language, text in texts.items()
        }

    def words(self, language: str) -> dict[str, str]:
        """What the placeholders of a definition's texts stand for."""
        case, data = self.case, self.data
        agency = reference.agencies().get(case.agency_id or self.told.get("agency_id", 0))
        due = case.due_at or case.due_final_at
        text = data.get("text") or data.get("question") or self.label("rating", language)
        return {
            "code": case.code,
            "title": headline(case, language),
            "agency": agency.name(language) if agency else "",
            "due": moment_text(due, language) if due else "",
            "date": day_text(case.wake_on, language) if isinstance(case.wake_on, date) else "",
            "days": str(self.told.get("days") or data.get("days") or ""),
            "text": str(text or ""),
            "reason": self.label("reason", language),
            "officer": str(self.told.get("officer", "")),
            "other": str(self.told.get("other") or self.label("to", language)),
        }

    def label(self, name: str, language: str) -> str:
        """A field's value in words: the label of a choice, else the value itself."""
        value = self.data.get(name)
        found = self.step.fields.get(name)
        if found and str(value) in found.options:
            return pick(found.options[str(value)], language)
        return "" if value is None else str(value)


def headline(case: Case, language: str) -> str:
    """What a case is called in lists and messages: its kind; an order by its own first line."""
    if case.channel == "order":
        return case.body.split("\n", 1)[0]
    return category_of(case).name(language)


def category_of(case: Case) -> Category:
    """The case's category, from memory."""
    return reference.categories().get(case.category_id) or case.category
