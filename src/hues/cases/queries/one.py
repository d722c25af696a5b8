"""One case, as its page needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access, clocks, engine, fields, guards, processes, reference
from hues.cases.change import Change
from hues.cases.clocks import Clock
from hues.cases.definition import Field, Step, pick
from hues.cases.models import Case, CaseFile, CaseMessage
from hues.cases.queries.rows import stage_of
from hues.cases.queries.timeline import Event, timeline
from hues.city.calendar import city_calendar
from hues.kernel import clock
from hues.kernel.actors import GUEST, Actor


@dataclass(frozen=True)
class FieldView:
    """A field of a step in the reader's language. `default` is a plain value: a code, a text, ids."""

    name: str
    type: str
    label: str
    help: str
    required: bool
    required_when: Mapping[str, Sequence[str]]
    only_when: Mapping[str, Sequence[str]]
    options: Sequence[tuple[str, str]]
    default: Any
    min: int | None
    max: int | None


@dataclass(frozen=True)
class StepView:
    """A step that this viewer may take now."""

    name: str
    label: str
    help: str
    fields: Sequence[FieldView]
    danger: bool
    key: str
    presets: Sequence[str]  # what can be taken with one press: words for the buttons
    tells: Mapping[str, str]  # who will be told what, as far as it is known before


def case_for(actor: Actor, code: str) -> Case:
    """The case for somebody who has to do with it; an agency's copy does not know the reporter. One statement. Raises NotFound."""
    return access.hide(_read(actor, code), actor)


def _read(actor: Actor, code: str) -> Case:
    case = None
    if engine.is_code(code):
        rows = Case.objects.filter(access.visible_to(actor)).select_related("officer", "reporter", "parent", "origin")
        case = rows.filter(code=engine.normal_code(code)).first()
    if case is None:
        raise engine.no_case()
    for name, found in (
        ("category", reference.categories().get(case.category_id)),
        ("agency", reference.agencies().get(case.agency_id or 0)),
        ("unit", reference.units().get(case.unit_id or 0)),
    ):
        if found is not None:
            case._state.fields_cache[name] = found  # from memory instead of three joins
    return case


def steps_for(actor: Actor, case: Case) -> list[StepView]:
    """What this viewer may do with the case now, with fields, defaults and choices."""
    process = processes.process(case.process_id)
    roles = access.roles(actor, case)
    language = get_language() or actor.language
    found = []
    for step in process.steps_from.get(case.state, ()):
        if not roles.intersection(step.by) or "system" in roles:
            continue
        change = Change(actor, case, process, step, roles, clock.now())
        if guards.refusal(change, step.guards, late=False) is None:
            found.append(_step_view(change, step, language))
    return found


def _step_view(change: Change, step: Step, language: str) -> StepView:
    return StepView(
        name=step.name,
        label=pick(step.verbs, language),
        help=pick(step.help, language),
        fields=[_field_view(change, one, language) for one in step.fields.values()],
        danger=step.danger,
        key=step.key,
        presets=[pick(preset.labels, language) for preset in step.presets],
        tells={rung: pick(texts, language) for rung, texts in step.notify.items()},
    )


def _field_view(change: Change, one: Field, language: str) -> FieldView:
    return FieldView(
        name=one.name,
        type=one.type,
        label=pick(one.labels, language),
        help=pick(one.help, language),
        required=one.required,
        required_when=one.required_when,
        only_when=one.only_when,
        options=_options(change, one, language),
        default=engine.plain(fields.default(change, one)),
        min=one.min,
        max=one.max,
    )


def _options(change: Change, one: Field, language: str) -> list[tuple[str, str]]:
    match one.type:
        case "choice":
            return [(value, pick(texts, language)) for value, texts in one.options.items()]
        case "agency":
            agencies = [agency for agency in reference.agencies().values() if agency.valid_to is None]
            if ("may_order", one.name) in change.step.guards:
                agencies = [a for a in agencies if access.may_order(change.actor, change.case, a.pk)]
            return [(a.code, a.name(language)) for a in sorted(agencies, key=lambda a: a.sort_key)]
        case "officer":
            return [(str(person.pk), person.name) for person in reference.members(change.case.agency_id)]
        case "category":
            same = None if change.step.name == "reclassify" or not change.step.targets else change.process.code
            if any(word == "follow_up" for word, _parameter in change.step.effects):
                same = None
            listed = [c for c in reference.categories().values() if c.active and same in (None, c.process)]
            return [(c.code, c.name(language)) for c in sorted(listed, key=lambda c: c.position)]
    return []


@dataclass(frozen=True)
class ClockView:
    """How the clock stands: `share` of the time used (1.0 at the deadline), whether it is paused."""

    kind: str
    share: float
    paused: bool
    wall: bool
    left_minutes: float


@dataclass(frozen=True)
class CasePage:
    """Everything on the page of one case, for one viewer."""

    case: Case
    reporter: str  # the pseudonym; "" where nobody reported with an account
    process_name: str
    state_name: str
    stage: str
    clock: ClockView | None
    steps: list[StepView]
    timeline: list[Event]
    messages: list[CaseMessage]
    files: list[CaseFile]
    merged: list[Case] = field(default_factory=list)
    follow_ups: list[Case] = field(default_factory=list)

    def files_of(self, role: str) -> list[CaseFile]:
        return [one for one in self.files if one.role == role]


def case_page(actor: Actor, code: str) -> CasePage:
    """The page of a case. At most eight statements. Raises NotFound."""
    case = _read(actor, code)
    reporter = case.reporter.name if case.reporter else _("Erased") if case.erased_at else ""
    case = access.hide(case, actor)
    language = get_language() or actor.language
    process = processes.process(case.process_id)
    state = process.states.get(case.state)  # imported cases may be in one that their process does not know
    parts = access.parts_for(actor, case)
    staff = "staff" in parts
    audiences = ("party", "staff") if staff else ("party",)
    roles = None if staff else [CaseFile.Role.BEFORE, CaseFile.Role.MESSAGE]
    files = CaseFile.objects.filter(case_id=case.pk).select_related("file").order_by("pk")
    if roles is not None:  # the reporter's own, what was said to them, and what is public
        files = files.filter(Q(role__in=roles) | Q(public=True))
    shown = list(files)
    if not access.knows_reporter(actor, case):
        for one in shown:
            one.file.owner_id = None
    related = _related(case) if staff else []
    return CasePage(
        case=case,
        reporter=reporter,
        process_name=pick(process.names, language),
        state_name=pick(state.names, language) if state else case.state,
        stage=stage_of(case.process_id, case.state, case.phase),
        clock=clock_view(case),
        steps=steps_for(actor, case),
        timeline=timeline(actor, case),
        messages=list(CaseMessage.objects.filter(case_id=case.pk, audience__in=audiences).order_by("pk")),
        files=shown,
        merged=[other for other in related if other.parent_id == case.pk],
        follow_ups=[other for other in related if other.origin_id == case.pk],
    )


def _related(case: Case) -> list[Case]:
    """What was merged into a case, and what became of its remainder; without their reporters."""
    rows = Case.objects.filter(Q(parent_id=case.pk) | Q(origin_id=case.pk)).order_by("pk")
    return [access.hide(other, GUEST) for other in rows.defer("reporter", "source_data")[:100]]


def clock_view(case: Case) -> ClockView | None:
    running = Clock.from_json(case.clock)
    if running is None:
        return None
    used = clocks.used(running, clock.now(), city_calendar())
    return ClockView(
        kind=running.kind,
        share=clocks.share(running, clock.now(), city_calendar()),
        paused=running.since is None,
        wall=running.wall,
        left_minutes=running.total - used,
    )
