"""What a process definition says: states, steps, fields, timers, ladders; hues.cases.parsing reads and checks it.

The words a definition may use (effects, guards, roles, rungs) are closed vocabularies: `Vocabulary` names them, the engine implements
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Texts = Mapping[str, str]  # {"vi": …, "en": …}

PHASES = ("intake", "handling", "checking", "done")
STAGES = ("received", "assigned", "handling", "checking", "done")
CLOCKS = ("triage", "handling", "paused", "stopped", "none")
# first: of the target to make safe, where a category has one; arrival: of the time in which who was sent promised to be there
LADDERS = ("triage", "handling", "first", "arrival")
ASSIGNED, RECEIVED = "assigned", "received"  # from when the first target counts: the agency's time, or the reporter's
QUEUES = ("", "triage", "new", "work", "waiting", "extensions", "approval", "checking", "planned")
AUDIENCES = ("public", "party", "staff", "centre")
TASKS = ("", "sent", "accepted", "on_way", "arrived", "done")  # how far a task of minutes is in a state
FIELD_TYPES = (
    "text",
    "choice",
    "integer",
    "boolean",
    "date",
    "files",
    "case_files",
    "agency",
    "officer",
    "category",
    "case",
    "position",
)
ROLES = ("reporter", "officer", "head", "department", "operator", "lead", "giver", "giving_head", "system")
RUNGS = (
    "reporter", "officer", "heads", "department", "chair", "centre", "leads", "giver",
    "on_duty", "team_chief", "shift_lead", "leader",  # by the roster of the moment (hues.duty), with fallbacks
)  # fmt: skip
PLACEHOLDERS = frozenset({"code", "title", "agency", "due", "days", "text", "reason", "date", "other", "officer"})
BEFORE = "@before"  # the target of a step that restores the state which an earlier step replaced (unmerge)


class DefinitionError(ValueError):
    """A definition that cannot be interpreted; the message names the file's place and the mistake."""


@dataclass(frozen=True)
class Vocabulary:
    """The effects and guards that the engine implements, and the columns that `keep` may write."""

    effects: frozenset[str]
    guards: frozenset[str]


@dataclass(frozen=True)
class TimerRule:
    """Something that happens while a case stays in a state: a step taken by the system, or a message to some rungs."""

    kind: str
    after: Mapping[str, int]  # {"days": 15} | {"working_days": 5} | {"minutes": 5} | {"promised": 1}: at `wake_on`
    step: str = ""
    to: tuple[str, ...] = ()
    texts: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Rung:
    """A message when a share of the clock's time is used."""

    at: int  # percent
    kind: str
    to: tuple[str, ...]
    texts: Texts


@dataclass(frozen=True)
class State:
    name: str
    names: Texts
    phase: str
    stage: str  # what the public is shown
    clock: str
    open: bool = True
    terminal: bool = False
    queue: str = ""
    task: str = ""  # of TASKS: whoever was sent is this far; the room that sends them goes along (hues.cases.along)
    timers: tuple[TimerRule, ...] = ()


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    labels: Texts
    help: Texts
    required: bool = False
    required_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # {field: values}
    only_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, Texts] = field(default_factory=dict)
    source: str = ""  # of a default: a column of the case
    min: int | None = None
    max: int | None = None
    audience: str = "staff"  # who sees the value in the history


@dataclass(frozen=True)
class Preset:
    """A step filled in beforehand: one press takes it. `data` holds a value or a text in each language, by field."""

    labels: Texts
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """Where a step leads; the first whose conditions hold."""

    state: str
    when: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Step:
    name: str
    source: tuple[str, ...]
    targets: tuple[Target, ...]  # empty: the state stays
    by: tuple[str, ...]
    verbs: Texts  # on the button
    done: Texts  # in the history
    fields: Mapping[str, Field]
    guards: tuple[tuple[str, Any], ...]
    effects: tuple[tuple[str, Any], ...]
    notify: Mapping[str, Texts]  # rung → text
    help: Texts
    danger: bool = False
    key: str = ""
    audience: str = "public"  # who sees in the history that it was taken
    hears: str = ""  # "message": taken when the reporter writes while it is possible
    presets: tuple[Preset, ...] = ()


@dataclass(frozen=True)
class Process:
    code: str
    names: Texts
    initial: str
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    ladders: Mapping[str, tuple[Rung, ...]]  # by kind of clock
    first_from: str = ASSIGNED  # where the time of the ladder `first` begins

    @cached_property
    def sends(self) -> bool:
        """Whether somebody is sent out in this process."""
        return any(state.task for state in self.states.values())

    @cached_property
    def steps_from(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps that leave each state, in the order of the file."""
        return {state: tuple(s for s in self.steps.values() if state in s.source) for state in self.states}


def pick(texts: Texts, language: str) -> str:
    """The text in `language`, or in whichever language there is."""
    return texts.get(language) or next(iter(texts.values()), "")
