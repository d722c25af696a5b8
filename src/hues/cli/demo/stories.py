"""What becomes of a report in the sample city, step by step through the real actions.

A story yields the moment at which it goes on."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hues.cases import guards, moderation, reference
from hues.cases.actions import fire_timers, note_read, open_case, send_message, take_step
from hues.cases.models import Case
from hues.city.calendar import city_calendar
from hues.city.clock import start_of_day
from hues.cli.demo.accounts import Staff
from hues.cli.demo.answers import sample_answers
from hues.cli.demo.photos import Album
from hues.cli.demo.places import Geography, Spot
from hues.cli.demo.simulation import Story
from hues.cli.demo.texts import Kind
from hues.cli.demo.writer import Writer
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.people.models import User
from hues.people.queries import actor_for


@dataclass
class Plan:
    """One report and how it will go: `stop` is the last step taken, whatever follows stays open."""

    kind: Kind
    spot: Spot
    reporter: User
    language: str = "vi"
    photos: int = 0
    stop: str = ""
    fate: str = "handled"  # handled, reject, redirect
    late: bool = False  # answered after the original due time, with an approved extension
    outcome: str = "fixed_with_evidence"
    rating: str = ""
    reopen: int = 0
    extras: frozenset[str] = field(default_factory=frozenset)  # ask, talk, note, return, bounce
    street: int = 0  # which drawing: the same before and after
    accept_at: datetime | None = None  # not when it would be, but then
    before: datetime | None = None  # all that is to happen happens until then
    code: str = ""  # of the case, once it is open


class Teller:
    """Tells stories with the city's staff and texts."""

    def __init__(self, staff: Staff, writer: Writer, places: Geography, rng: random.Random) -> None:
        self.staff, self.writer, self.places, self.rng = staff, writer, places, rng
        self.album = Album()

    # ── steps ──

    def open(self, plan: Plan) -> Case:
        citizen = actor_for(plan.reporter)
        return open_case(
            actor=citizen,
            category=plan.kind.code,
            body=self.writer.report(plan.kind, plan.spot, plan.language),
            lat=plan.spot.lat,
            lon=plan.spot.lon,
            address=plan.spot.address,
            place_source=self.rng.choice(("photo", "device", "device", "map", "address")),
            answers=sample_answers(reference.categories_by_code()[plan.kind.code], self.rng, clock.now()),
            file_ids=[self.photo(plan, citizen, variant=n) for n in range(plan.photos)],
            anonymous=self.rng.random() < 0.85,
            language=plan.language,
            is_sample=True,
        )

    def photo(self, plan: Plan, owner: Actor, *, after: bool = False, variant: int = 0) -> UUID:
        return self.album.photo(plan.kind.scene, plan.street + variant, after=after, owner_id=owner.id)

    def take(self, actor: Actor, case: Case, step: str, **data: Any) -> Case:
        return take_step(actor=actor, code=case.code, step=step, data=data)

    def operator(self) -> Actor:
        return self.rng.choice(self.staff.operators)

    def officer(self, case: Case) -> Actor:
        """Whoever is in charge, else somebody of the agency."""
        if case.agency_id is None:
            return self.operator()
        colleagues = self.staff.officers(case.agency_id)
        return next((one for one in colleagues if one.id == case.officer_id), None) or self.rng.choice(colleagues)

    # ── time ──

    def working(self, start: datetime, minutes: float) -> datetime:
        return city_calendar().add_working_minutes(start, max(1.0, minutes))

    def by_share(self, plan: Plan, case: Case, low: float, high: float) -> datetime:
        """When a share of the time between assignment and the original deadline has passed."""
        start, due = case.assigned_at or clock.now(), case.due_original_at or case.due_at or clock.now()
        share = self.rng.uniform(low, high)
        if case.clock.get("wall"):
            at = start + (due - start) * share
        else:
            at = self.working(start, city_calendar().working_minutes_between(start, due) * share)
        return min(at, plan.before) if plan.before else at

    # ── stories ──

    def tell(self, plan: Plan, at: datetime) -> Story:
        """The whole way of one report."""
        case = self.open(plan)
        plan.code = case.code
        if plan.stop == "opened":
            return
        triage = case.due_at or at + timedelta(minutes=30)
        if plan.accept_at:
            yield plan.accept_at
        elif case.clock.get("wall"):
            yield at + (triage - at) * self.rng.uniform(0.1, 0.7)
        else:
            yield self.working(at, city_calendar().working_minutes_between(at, triage) * self.rng.betavariate(1.4, 4))
        operator = self.operator()
        note_read(actor=operator, code=case.code)
        if plan.stop == "asked":
            self.take(operator, case, "ask", question=self.writer.pick("talk", "ask"))
            return
        if plan.fate != "handled":
            self.turn_away(plan, case, operator)
            return
        way = {"timed": self.timed, "immediate": self.immediate, "command": self.command}[case.group]
        yield from way(plan, case, operator)

    def turn_away(self, plan: Plan, case: Case, operator: Actor) -> None:
        if plan.fate == "redirect":
            to = self.rng.choice(("procedures", "complaints", "elsewhere"))
            self.take(operator, case, "redirect", to=to, text=self.writer.v["redirections"][to])
        else:
            reason = self.writer.weighted(self.writer.v["rejection_shares"])
            self.take(operator, case, "reject", reason=reason, text=self.writer.pick("rejections", reason))

    def timed(self, plan: Plan, case: Case, operator: Actor) -> Story:
        case = self.take(operator, case, "accept", **self.shown(case))
        if plan.stop == "accept":
            return
        if "return" in plan.extras:
            yield self.by_share(plan, case, 0.05, 0.15)
            case = self.take(self.officer(case), case, "return", reason=self.writer.pick("returns"))
            yield self.working(clock.now(), 60)
            case = self.take(self.operator(), case, "accept", **self.shown(case))
        yield self.by_share(plan, case, 0.03, 0.25)
        officer = self.officer(case)
        case = self.take(officer, case, "start")
        yield from self.talk(plan, case, officer)
        if plan.stop in ("start", "ask"):
            return
        if plan.late:
            yield self.by_share(plan, case, 0.6, 0.95)
            case = self.take(officer, case, "request_extension", days=self.rng.choice((3, 5, 5, 7, 10)),
                             reason=self.writer.pick("extensions"))  # fmt: skip
            if plan.stop == "request_extension":
                return
            yield self.working(clock.now(), self.rng.uniform(20, 300))
            case = self.take(self.staff.lead, case, "approve_extension")
            yield self.by_share(plan, case, 1.02, 1.45)
        else:
            yield self.by_share(plan, case, 0.3, 0.97)
        yield from self.finish(plan, case, officer)

    def immediate(self, plan: Plan, case: Case, operator: Actor) -> Story:
        """Minutes: dispatched, accepted, on the way, on the scene, done."""
        case = self.take(operator, case, "assign", **self.shown(case))
        if plan.stop == "assign":
            return
        officer = self.officer(case)
        share = 1.0 if plan.stop else self.rng.uniform(0.3, 1.25)  # of the granted time, until it is done
        for step, part in (("accept", 0.1), ("on_the_way", 0.2), ("on_scene", 0.55)):
            yield self.by_share(plan, case, share * part * 0.6, share * part)
            there = {"position": {"lat": case.lat, "lon": case.lon}} if step == "on_scene" else {}
            case = self.take(officer, case, step, **there)
            if plan.stop == step:
                return
        yield self.by_share(plan, case, share * 0.8, share)
        if plan.outcome not in ("fixed_with_evidence", "enforcement_done", "temporary_fix"):
            plan.outcome = "no_violation_found"
        case = self.answer(plan, case, officer, "done")
        if plan.stop == "done":
            return
        yield clock.now() + timedelta(minutes=self.rng.uniform(5, 90))
        case = self.take(self.operator(), case, "publish", text=case.answer)
        yield from self.after(plan, case)

    def command(self, plan: Plan, case: Case, operator: Actor) -> Story:
        """Part of an operation: activated, and stood down when it is over."""
        case = self.take(operator, case, "activate", **self.shown(case))
        if plan.stop == "activate":
            return
        yield self.by_share(plan, case, 0.1, 0.4)
        officer = self.officer(case)
        case = self.take(officer, case, "take")
        yield self.by_share(plan, case, 0.5, 1.2)
        plan.outcome = "fixed_with_evidence" if plan.photos else "temporary_fix"
        self.answer(plan, case, officer, "stand_down")

    def talk(self, plan: Plan, case: Case, officer: Actor) -> Story:
        """Notes among colleagues, questions to the reporter, and their answers."""
        reporter = actor_for(plan.reporter)
        if "note" in plan.extras:
            send_message(actor=officer, code=case.code, body=self.writer.pick("talk", "notes"), audience="staff")
        if "talk" in plan.extras:
            yield self.by_share(plan, case, 0.1, 0.3)
            send_message(actor=reporter, code=case.code, body=self.writer.pick("talk", "citizen"))
            yield self.working(clock.now(), self.rng.uniform(20, 240))
            send_message(actor=officer, code=case.code, body=self.writer.pick("talk", "officer"))
        if "ask" in plan.extras:
            yield self.by_share(plan, case, 0.15, 0.35)
            self.take(officer, case, "ask_citizen", question=self.writer.pick("talk", "ask"))
            if plan.stop == "ask":
                return
            yield clock.now() + timedelta(hours=self.rng.uniform(1, 20))
            send_message(actor=reporter, code=case.code, body=self.writer.pick("talk", "reply"))

    def finish(self, plan: Plan, case: Case, officer: Actor) -> Story:
        """Answer, quality gate, publication, and what the reporter says."""
        case = self.answer(plan, case, officer)
        if plan.stop in ("answer", "submit"):
            return
        yield self.working(clock.now(), self.rng.uniform(15, 400))
        if "bounce" in plan.extras:
            case = self.take(self.operator(), case, "bounce", reason=self.writer.pick("bounces"))
            yield self.working(clock.now(), self.rng.uniform(60, 300))
            case = self.answer(plan, case, officer)
            yield self.working(clock.now(), self.rng.uniform(15, 200))
        case = self.take(self.operator(), case, "publish", text=case.answer)
        yield from self.after(plan, case)

    def answer(self, plan: Plan, case: Case, officer: Actor, step: str = "answer") -> Case:
        category, agency = reference.categories()[case.category_id], reference.agencies()[case.agency_id or 0]
        data: dict[str, Any] = {"outcome": plan.outcome}
        promised = ""
        if plan.outcome == "planned_with_date":
            date = clock.now().date() + timedelta(days=self.rng.randrange(20, 75))
            data["date"], promised = date.isoformat(), f"{date:%d/%m/%Y}"
        elif plan.outcome == "not_our_jurisdiction":
            data["owner"] = self.writer.pick("answers", "owners")
        elif plan.outcome == "explained_with_legal_ground":
            data["legal_ground"] = self.writer.pick("answers", "legal")
        elif plan.outcome in ("fixed_with_evidence", "enforcement_done"):
            data["files"] = [self.photo(plan, officer, after=True)]
        data["text"] = self.writer.answer(
            plan.kind, plan.spot, plan.outcome, agency=agency.name("vi"), about=category.name("vi"), date=promised
        )
        if step == "answer" and guards.signed_by_head(case):
            case = self.take(officer, case, "submit", **data)
            if plan.stop == "submit":
                return case
            return self.take(self.staff.head(case.agency_id or 0), case, "approve_answer")
        return self.take(officer, case, step, **data)

    def after(self, plan: Plan, case: Case) -> Story:
        reporter = actor_for(plan.reporter)
        if case.state == "planned":
            yield from self.keep_promise(plan, case)
            return
        if plan.rating:
            yield clock.now() + timedelta(hours=self.rng.uniform(0.5, 60))
            case = self.take(reporter, case, "rate", rating=plan.rating, reason=self.rating_reason(plan))
        for time in range(1, plan.reopen + 1):
            yield clock.now() + timedelta(days=self.rng.uniform(0.5, 4))
            reason = self.rng.choice(("not_fixed", "came_back", "wrong_place", "no_answer"))
            files = [self.photo(plan, reporter, variant=time)] if plan.photos else []
            case = self.take(
                reporter, case, "reopen", reason=reason, text=self.writer.pick("reopen", reason), files=files
            )
            if plan.stop == "reopen" and time == plan.reopen:
                return
            yield self.by_share(plan, case, 0.05, 0.2)
            officer, timed = self.officer(case), case.group == "timed"
            case = self.take(officer, case, "start" if timed else "accept")
            yield self.by_share(plan, case, 0.3, 0.9)
            plan.outcome = "fixed_with_evidence" if plan.outcome == "planned_with_date" else plan.outcome
            case = self.answer(plan, case, officer, "answer" if timed else "done")
            yield self.working(clock.now(), self.rng.uniform(15, 300))
            case = self.take(self.operator(), case, "publish", text=case.answer)

    def keep_promise(self, plan: Plan, case: Case) -> Story:
        """The promised day comes: the case has woken by itself, and is done."""
        yield city_calendar().next_opening(start_of_day(case.wake_on or clock.now().date())) + timedelta(hours=3)
        while fire_timers():
            pass
        officer = self.officer(case)
        case = self.take(officer, case, "start")
        if self.rng.random() < 0.6:
            yield self.working(clock.now(), self.rng.uniform(30, 200))
        else:  # the day is missed
            yield self.by_share(plan, case, 0.3, 0.9)
        plan.outcome = "fixed_with_evidence"
        yield from self.finish(plan, case, officer)

    def rating_reason(self, plan: Plan) -> str:
        if plan.language == "en" and plan.rating == "satisfied":
            return self.writer.pick("english", "satisfied")
        return self.writer.pick("ratings", plan.rating)

    def shown(self, case: Case) -> dict[str, Any]:
        """What the operator lets the public see: the text as it came, and the reporter's photos."""
        public = case.visibility != "restricted"
        return {
            "priority": str(case.priority), "visibility": case.visibility,
            "public_body": moderation.public_body(case) if public else "",
            "public_address": moderation.public_address(case) if public else "",
            "public_files": moderation.public_files(case),
        }  # fmt: skip
