"""Reads process definitions strictly: whatever the engine could not interpret is refused, with every mistake named."""

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from hues.cases.definition import (
    ASSIGNED,
    AUDIENCES,
    BEFORE,
    CLOCKS,
    FIELD_TYPES,
    LADDERS,
    PHASES,
    PLACEHOLDERS,
    QUEUES,
    RECEIVED,
    ROLES,
    RUNGS,
    STAGES,
    TASKS,
    DefinitionError,
    Field,
    Preset,
    Process,
    Rung,
    State,
    Step,
    Target,
    Texts,
    TimerRule,
    Vocabulary,
)

_PARTS = ("code", "names", "initial", "first_from", "options", "ladders", "states", "steps")
_STEP_KEYS = frozenset(
    [
        "from",
        "to",
        "by",
        "verb",
        "done",
        "help",
        "fields",
        "guards",
        "effects",
        "notify",
        "danger",
        "key",
        "audience",
        "hears",
        "presets",
    ]
)
_FIELD_KEYS = frozenset(
    ["type", "label", "help", "required", "required_when", "only_when", "options", "default", "min", "max", "audience"]
)


def parse(raw: Any, vocabulary: Vocabulary, where: str = "process") -> Process:
    """A checked process. Raises DefinitionError with every mistake found, one a line."""
    reader = _Reader(where, vocabulary)
    process = reader.process(raw)
    if not reader.mistakes:
        reader.check(process)
    if reader.mistakes:
        raise DefinitionError("\n".join(reader.mistakes))
    return process


class _Reader:
    """Reads one definition and collects its mistakes instead of stopping at the first."""

    def __init__(self, where: str, vocabulary: Vocabulary) -> None:
        self.where, self.vocabulary, self.mistakes = where, vocabulary, list[str]()

    def wrong(self, place: str, what: str) -> None:
        self.mistakes.append(f"{self.where}: {place}: {what}")

    # Shapes

    def mapping(self, raw: Any, place: str, allowed: Iterable[str] | None = None) -> dict[str, Any]:
        if raw is None:
            return {}
        if not isinstance(raw, Mapping):
            self.wrong(place, f"expected a mapping, found {raw!r}")
            return {}
        if allowed is not None:
            for unknown in sorted(set(map(str, raw)) - set(allowed)):
                self.wrong(place, f"unknown key {unknown!r}")
        return {str(key): value for key, value in raw.items()}

    def names(self, raw: Any, place: str, known: Iterable[str] | None = None) -> tuple[str, ...]:
        values = (raw,) if isinstance(raw, str) else tuple(map(str, raw or ()))
        for value in values if known is not None else ():
            self.one(value, place, known or ())
        return values

    def one(self, value: Any, place: str, known: Iterable[str]) -> str:
        if value not in (known := tuple(known)):
            self.wrong(place, f"{value!r} is not one of {', '.join(filter(None, known))}")
        return str(value)

    def texts(self, raw: Any, place: str, *, needed: bool = True) -> Texts:
        found = self.mapping(raw, place)
        texts = {key: value for key, value in found.items() if isinstance(value, str)}
        if len(texts) < len(found) or (needed and not texts):
            self.wrong(place, "a text is missing (quote texts with commas)")
        for text in texts.values():
            try:
                unknown = {name for _, name, _, _ in Formatter().parse(text) if name is not None} - PLACEHOLDERS
            except ValueError as mistake:
                self.wrong(place, f"{mistake} in {text!r}")
                continue
            for name in sorted(unknown):
                self.wrong(place, f"unknown placeholder {{{name}}}")
        return texts

    def conditions(self, raw: Any, place: str, known: Iterable[str]) -> tuple[tuple[str, Any], ...]:
        """A list of words, plain (`count_hop`) or with a parameter (`{hops_below: 2}`)."""
        found: list[tuple[str, Any]] = []
        for item in raw or ():
            pairs = {item: None} if isinstance(item, str) else self.mapping(item, place)
            for word, parameter in pairs.items():
                found.append((self.one(word, place, sorted(known)), parameter))
        return tuple(found)

    # Parts of a definition

    def process(self, raw: Any) -> Process:
        data = self.mapping(raw, "top", _PARTS)
        options = {
            name: {str(value): self.texts(t, f"options.{name}.{value}") for value, t in self.mapping(o, name).items()}
            for name, o in self.mapping(data.get("options"), "options").items()
        }
        return Process(
            code=str(data.get("code", "")),
            names=self.texts(data.get("names"), "names"),
            initial=str(data.get("initial", "")),
            states={name: self.state(name, s) for name, s in self.mapping(data.get("states"), "states").items()},
            steps={name: self.step(name, s, options) for name, s in self.mapping(data.get("steps"), "steps").items()},
            ladders={
                self.one(kind, "ladders", LADDERS): tuple(self.rung(r, f"ladders.{kind}") for r in rungs or ())
                for kind, rungs in self.mapping(data.get("ladders"), "ladders").items()
            },
            first_from=self.one(data.get("first_from", ASSIGNED), "first_from", (ASSIGNED, RECEIVED)),
        )

    def rung(self, raw: Any, place: str) -> Rung:
        data = self.mapping(raw, place, ("at", "kind", "to", "text"))
        at = data.get("at")
        if not isinstance(at, int) or not 0 < at <= 1000:
            self.wrong(place, f"at: {at!r} is not a percentage")
            at = 100
        kind = str(data.get("kind") or f"remind-{at}")
        return Rung(at, kind, self.names(data.get("to"), place, RUNGS), self.texts(data.get("text"), f"{place}.{kind}"))

    def state(self, name: str, raw: Any) -> State:
        place = f"states.{name}"
        data = self.mapping(
            raw, place, ("names", "phase", "stage", "clock", "open", "terminal", "queue", "task", "timers")
        )
        return State(
            name=name,
            names=self.texts(data.get("names"), place),
            phase=self.one(data.get("phase"), place, PHASES),
            stage=self.one(data.get("stage"), place, STAGES),
            clock=self.one(data.get("clock", "none"), place, CLOCKS),
            open=bool(data.get("open", True)),
            terminal=bool(data.get("terminal", False)),
            queue=self.one(data.get("queue", ""), place, QUEUES),
            task=self.one(data.get("task", ""), place, TASKS),
            timers=tuple(self.timer(t, f"{place}.timers") for t in data.get("timers") or ()),
        )

    def timer(self, raw: Any, place: str) -> TimerRule:
        data = self.mapping(raw, place, ("kind", "after", "step", "to", "text"))
        after = self.mapping(data.get("after"), place, ("days", "working_days", "minutes", "promised"))
        if len(after) != 1 or not all(isinstance(n, int) and n > 0 for n in after.values()):
            self.wrong(place, f"after: {after!r} is not one span of time")
        step, to = str(data.get("step") or ""), self.names(data.get("to"), place, RUNGS)
        if bool(step) == bool(to):
            self.wrong(place, "a timer either takes a step or tells somebody")
        texts = self.texts(data.get("text"), place, needed=bool(to))
        return TimerRule(str(data.get("kind", "")), after, step, to, texts)

    def step(self, name: str, raw: Any, options: Mapping[str, Mapping[str, Texts]]) -> Step:
        place = f"steps.{name}"
        data = self.mapping(
            raw,
            place,
            _STEP_KEYS,
        )
        notify = self.mapping(data.get("notify"), f"{place}.notify", RUNGS)
        return Step(
            name=name,
            source=self.names(data.get("from"), place),
            targets=self.targets(data.get("to"), place),
            by=self.names(data.get("by"), place, ROLES),
            verbs=self.texts(data.get("verb"), f"{place}.verb"),
            done=self.texts(data.get("done"), f"{place}.done"),
            help=self.texts(data.get("help"), f"{place}.help", needed=False),
            fields={
                field_name: self.field(field_name, f, f"{place}.fields.{field_name}", options)
                for field_name, f in self.mapping(data.get("fields"), f"{place}.fields").items()
            },
            guards=self.conditions(data.get("guards"), f"{place}.guards", self.vocabulary.guards),
            effects=self.conditions(data.get("effects"), f"{place}.effects", self.vocabulary.effects),
            notify={rung: self.texts(text, f"{place}.notify.{rung}") for rung, text in notify.items()},
            danger=bool(data.get("danger", False)),
            key=str(data.get("key", "")),
            audience=self.one(data.get("audience", "public"), place, AUDIENCES),
            hears=self.one(data.get("hears", ""), place, ("", "message")),
            presets=tuple(self.preset(p, f"{place}.presets") for p in data.get("presets") or ()),
        )

    def preset(self, raw: Any, place: str) -> Preset:
        data = self.mapping(raw, place, ("label", "data"))
        return Preset(self.texts(data.get("label"), place), self.mapping(data.get("data"), place))

    def targets(self, raw: Any, place: str) -> tuple[Target, ...]:
        if raw is None:
            return ()
        if isinstance(raw, str):
            return (Target(raw),)
        targets = []
        for item in raw:
            data = self.mapping(item, f"{place}.to", ("state", "when"))
            when = self.conditions([data["when"]] if "when" in data else (), f"{place}.to", self.vocabulary.guards)
            targets.append(Target(str(data.get("state", "")), when))
        if targets and targets[-1].when:
            self.wrong(f"{place}.to", "the last target must hold without a condition")
        return tuple(targets)

    def field(self, name: str, raw: Any, place: str, options: Mapping[str, Mapping[str, Texts]]) -> Field:
        data = self.mapping(
            raw,
            place,
            _FIELD_KEYS,
        )
        kind = self.one(data.get("type", "text"), place, FIELD_TYPES)
        choices: Mapping[str, Texts] = {}
        if kind == "choice":
            listed = data.get("options")
            choices = options.get(str(listed), {}) if isinstance(listed, str) else {}
            if not choices:
                self.wrong(place, f"options: {listed!r} names no list of this process")
        elif kind == "text" and not isinstance(data.get("max"), int):
            self.wrong(place, "a text needs a greatest length (max)")
        return Field(
            name=name,
            type=kind,
            labels=self.texts(data.get("label"), place),
            help=self.texts(data.get("help"), place, needed=False),
            required=bool(data.get("required", False)),
            required_when=self.values(data.get("required_when"), place),
            only_when=self.values(data.get("only_when"), place),
            options=choices,
            source=str(data.get("default", "")),
            min=data.get("min"),
            max=data.get("max"),
            audience=self.one(data.get("audience", "staff"), place, AUDIENCES),
        )

    def values(self, raw: Any, place: str) -> dict[str, tuple[str, ...]]:
        return {name: self.names(values, place) for name, values in self.mapping(raw, place).items()}

    # The whole

    def check(self, process: Process) -> None:
        """What can only be judged when all parts are known."""
        if not process.code:
            self.wrong("top", "a code is missing")
        if process.initial not in process.states:
            self.wrong("initial", f"{process.initial!r} is not a state")
            return
        for step in process.steps.values():
            self.check_step(step, process)
        for state in process.states.values():
            for timer in state.timers:
                taken = process.steps.get(timer.step)
                if timer.step and (taken is None or state.name not in taken.source or "system" not in taken.by):
                    self.wrong(f"states.{state.name}.timers", f"{timer.step!r} is no step of the system from here")
            leaving = process.steps_from[state.name]
            if not state.terminal and not any(step.targets for step in leaving):
                self.wrong(f"states.{state.name}", "no step leads out of it, and it is not terminal")
            keys = [step.key for step in leaving if step.key]
            for key in sorted({key for key in keys if keys.count(key) > 1}):
                self.wrong(f"states.{state.name}", f"two steps have the key {key!r}")
        for lost in sorted(set(process.states) - self.reachable(process)):
            self.wrong(f"states.{lost}", "cannot be reached")

    def check_step(self, step: Step, process: Process) -> None:
        place = f"steps.{step.name}"
        for source in step.source:
            self.one(source, f"{place}.from", process.states)
        for target in step.targets:
            self.one(target.state, f"{place}.to", (*process.states, BEFORE))
        if not step.source or not step.by:
            self.wrong(place, "needs `from` and `by`")
        for name, wanted in ((f.name, w) for f in step.fields.values() for w in (f.required_when, f.only_when)):
            for other, values in wanted.items():
                found = step.fields.get(other)
                if found is None or set(values) - set(found.options):
                    self.wrong(f"{place}.fields.{name}", f"{other}: {', '.join(values)} is not a choice of this step")
        for preset in step.presets:
            for name in preset.data:
                if name not in step.fields:
                    self.wrong(f"{place}.presets", f"{name!r} is not a field of this step")
        for word, parameter in step.effects:
            for name in _fields_of(word, parameter):
                if name not in step.fields:
                    self.wrong(f"{place}.effects.{word}", f"{name!r} is not a field of this step")

    def reachable(self, process: Process) -> set[str]:
        found, fresh = {process.initial}, [process.initial]
        while fresh:
            for step in process.steps_from.get(fresh.pop(), ()):
                new = {t.state for t in step.targets if t.state != BEFORE} - found
                found |= new
                fresh.extend(new)
        return found


def _fields_of(word: str, parameter: Any) -> Iterable[str]:
    """The fields of the step that an effect reads."""
    if word == "keep":
        return map(str, parameter.values())
    if word == "pend":
        return map(str, parameter)
    if word == "attach":
        return (str(parameter["field"]),)
    return ()
