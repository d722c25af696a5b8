"""What becomes of the reports of six years: the ways they go, by the shares of the sample city's shape."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from hues.city.calendar import city_calendar
from hues.city.clock import start_of_day
from hues.cli.demo.places import Spot
from hues.cli.demo.texts import Kind, Texts
from hues.cli.demo.writer import Writer
from hues.cli.demo.years.way import SYSTEM, Actor, Way

_ASKED, _RETURNED, _BOUNCED, _STARTED = 0.03, 0.02, 0.05, 0.6  # of the timed ones
_STUCK, _STUCK_DAYS = 0.035, 90  # some of the last three months lie untouched, and are late
_LATE_AT_ONCE = 0.04  # of the immediate ones, without an extension
_UNHAPPY = {"not_satisfied": 4.0, "": 1.3}  # how much likelier than usual such a case is reopened
_FIELDS = ("answer", "legal_ground", "outcome", "rating", "rating_reason")
_REASONS = ("not_fixed", "came_back", "wrong_place", "no_answer")

Say = Callable[[Way, datetime, Actor, str], None]  # keeps a message of the talk


class Stories:
    def __init__(
        self,
        texts: Texts,
        writer: Writer,
        rng: random.Random,
        operators: Sequence[str],
        lead: str,
        late: float,
        say: Say,
    ) -> None:
        """`late`: the share of the timed ones that are answered late, with an approved extension."""
        self.shape, self.v = texts.shape, texts.voices
        self.writer, self.rng = writer, rng
        self.operators, self.lead, self.late, self._say = operators, lead, late, say
        self.violations = frozenset(self.shape["violations"])

    def operator(self) -> Actor:
        return "staff", self.rng.choice(self.operators)

    # ── turned away ──

    def reject(self, way: Way, at: datetime) -> None:
        reason = self.writer.weighted(self.v["rejection_shares"])
        text = self.writer.pick("rejections", reason)
        columns = {"reject_reason": reason, "answer": text, "first_read_at": way.moment(at)}
        way.step(
            "reject", at, self.operator(), state="rejected", columns=columns, party={"reason": reason, "text": text}
        )

    def redirect(self, way: Way, at: datetime) -> None:
        to = self.rng.choice(("procedures", "complaints", "elsewhere"))
        text = self.v["redirections"][to]
        label = way.process.steps["redirect"].fields["to"].options[to]
        way.step(
            "redirect", at, self.operator(), state="redirected", told={f"other_{k}": v for k, v in label.items()},
            columns={"redirected_to": to, "answer": text, "first_read_at": way.moment(at)}, party={"to": to, "text": text},
        )  # fmt: skip

    # ── handled ──

    def timed(self, way: Way, kind: Kind, spot: Spot, officer: Actor) -> None:
        """From `assigned` on."""
        rng = self.rng
        if rng.random() < _STUCK and way.around.now - way.row["received_at"] < timedelta(days=_STUCK_DAYS):
            self.start(way, officer, way.share(rng.uniform(0.05, 0.3)))
            return
        if rng.random() < _STARTED:
            self.start(way, officer, way.share(rng.uniform(0.03, 0.22)))
        if way.row["reporter_id"] and rng.random() < _ASKED:
            self.ask(way, officer)
        running = way.clock
        bounced, granted = rng.random() < _BOUNCED, running.total if running else 1.0
        started = running.started if running else way.changed_at
        if rng.random() < self.late:
            days = self.extend(way, officer)
            more = days * city_calendar().minutes_a_day()
            over = rng.uniform(0.03, 0.95) * more if rng.random() > 0.03 else more * rng.uniform(1.05, 2.5)
            at = city_calendar().add_working_minutes(started, granted + max(over, 5.0))
        else:
            at = way.share(rng.uniform(0.2, 0.5) if bounced else 0.25 + 0.72 * rng.betavariate(2.2, 1.4))
        self.answer(way, kind, spot, officer, at, self.outcome(kind.code))
        if bounced:
            reason = self.writer.pick("bounces")
            at = way.step("bounce", way.working(rng.uniform(15, 120)), self.operator(), state="in_progress",
                          columns={"answered_at": None}, staff={"reason": reason})  # fmt: skip
            self.answer(way, kind, spot, officer, way.working(rng.uniform(20, 90)), way.row["outcome"])
        self.publish(way, way.working(rng.uniform(15, 400)))
        if way.row["state"] == "planned":
            self.keep_promise(way, kind, spot, officer)
        self.after(way, kind, spot, officer)

    def start(self, way: Way, officer: Actor, at: datetime) -> None:
        columns = {"officer_id": officer[1], "started_at": way.moment(at)}
        way.step("start", at, officer, state="in_progress", columns=columns)

    def ask(self, way: Way, officer: Actor) -> None:
        question, reply = self.writer.pick("talk", "ask"), self.writer.pick("talk", "reply")
        at = way.moment(way.working(self.rng.uniform(20, 300)))
        pending = {"by": officer[1], "at": at.isoformat(), "question": question}
        way.step("ask_citizen", at, officer, state="waiting_citizen", party={"question": question},
                 columns={"pending": way.row["pending"] | {"ask_citizen": pending}})  # fmt: skip
        self._say(way, at, officer, question)
        citizen: Actor = ("citizen", way.row["reporter_id"])
        at = way.moment(at + timedelta(hours=self.rng.uniform(0.5, 30)))
        way.step("citizen_reply", at, citizen, state="in_progress", party={"text": reply},
                 columns={"pending": _without(way, "ask_citizen")})  # fmt: skip
        self._say(way, at, citizen, reply)

    def extend(self, way: Way, officer: Actor) -> int:
        rng = self.rng
        days, reason = rng.choice((3, 5, 5, 5, 7, 10)), self.writer.pick("extensions")
        at = way.moment(way.share(rng.uniform(0.6, 0.96)))
        pending = {"by": officer[1], "at": at.isoformat(), "days": days, "reason": reason}
        way.step("request_extension", at, officer, state="extension_requested", staff={"days": days, "reason": reason},
                 columns={"pending": way.row["pending"] | {"request_extension": pending}})  # fmt: skip
        at = way.moment(way.working(rng.uniform(10, 200)))
        way.step("approve_extension", at, ("staff", self.lead), state="in_progress", more_days=days,
                 told={"days_vi": str(days), "days_en": str(days)}, public={"days": days},
                 columns={"pending": _without(way, "request_extension")})  # fmt: skip
        return days

    def immediate(self, way: Way, kind: Kind, spot: Spot, officer: Actor) -> None:
        """From `dispatched` on: minutes, and no extension."""
        rng = self.rng
        part = rng.uniform(1.05, 1.9) if rng.random() < _LATE_AT_ONCE else rng.uniform(0.25, 0.97)
        at = way.moment(way.share(part * rng.uniform(0.03, 0.12)))
        way.step("accept", at, officer, state="accepted", columns={"officer_id": officer[1], "started_at": at})
        way.step("on_scene", way.share(part * rng.uniform(0.3, 0.7)), officer, state="on_scene")
        outcome = rng.choices(("fixed_with_evidence", "temporary_fix", "no_violation_found"), (80, 9, 11))[0]
        self.answer(way, kind, spot, officer, way.share(part), outcome, step="done", state="done")
        self.publish(way, way.changed_at + timedelta(minutes=rng.uniform(5, 240)))
        self.after(way, kind, spot, officer)

    def command(self, way: Way, kind: Kind, spot: Spot, officer: Actor) -> None:
        """From `active` on, until it is over."""
        rng = self.rng
        outcome = "fixed_with_evidence" if rng.random() < 0.8 else "temporary_fix"
        at = way.moment(way.share(rng.uniform(0.3, 0.98)))
        text = self.text(way, kind, spot, outcome)
        columns = {"answer": text, "outcome": outcome, "answered_at": at, "published_at": at}
        way.step("stand_down", at, officer, state="stood_down", columns=columns, told={"text_vi": text, "text_en": text},
                 public={"text": text}, staff={"outcome": outcome})  # fmt: skip
        way.step("close", at + timedelta(days=15), SYSTEM, state="closed")

    # ── result and after ──

    def outcome(self, code: str) -> str:
        shares = dict(self.shape["outcomes"])
        if code not in self.violations:
            shares["fixed_with_evidence"] += shares.pop("enforcement_done")
        return self.writer.weighted(shares)

    def text(self, way: Way, kind: Kind, spot: Spot, outcome: str, date: str = "") -> str:
        agency = way.agency.name("vi") if way.agency else ""
        return self.writer.answer(kind, spot, outcome, agency=agency, about=way.names["vi"], date=date)

    def answer(
        self, way: Way, kind: Kind, spot: Spot, officer: Actor, at: datetime, outcome: str,
        *, step: str = "answer", state: str = "answered",
    ) -> None:  # fmt: skip
        at = way.moment(at)
        columns: dict[str, Any] = {"outcome": outcome, "answered_at": at, "legal_ground": "", "wake_on": None}
        staff, promised = {"outcome": outcome}, ""
        if outcome == "planned_with_date":
            columns["wake_on"] = at.date() + timedelta(days=self.rng.randrange(15, 75))
            promised = f"{columns['wake_on']:%d/%m/%Y}"
            staff["date"] = columns["wake_on"].isoformat()
        elif outcome == "explained_with_legal_ground":
            columns["legal_ground"] = staff["legal_ground"] = self.writer.pick("answers", "legal")
        columns["answer"] = self.text(way, kind, spot, outcome, promised)
        way.step(step, at, officer, state=state, columns=columns, staff=staff)

    def publish(self, way: Way, at: datetime) -> None:
        at = way.moment(at)
        state = "planned" if way.row["outcome"] == "planned_with_date" else "published"
        way.step(
            "publish",
            at,
            self.operator(),
            state=state,
            columns={"published_at": at},
            public={"text": way.row["answer"]},
        )

    def keep_promise(self, way: Way, kind: Kind, spot: Spot, officer: Actor) -> None:
        """The promised day: the case wakes by itself, and is done."""
        at = city_calendar().next_opening(start_of_day(way.row["wake_on"]))
        self.new_round(way, "wake", at, SYSTEM)
        self.start(way, officer, way.share(self.rng.uniform(0.05, 0.2)))
        self.answer(way, kind, spot, officer, way.share(self.rng.uniform(0.3, 0.97)), "fixed_with_evidence")
        self.publish(way, way.working(self.rng.uniform(15, 400)))

    def new_round(self, way: Way, step: str, at: datetime, actor: Actor, **parts: Any) -> None:
        at = way.moment(at)
        columns = dict.fromkeys(_FIELDS, "") | {"assigned_at": at} | parts.pop("columns", {})
        columns |= dict.fromkeys(
            ("started_at", "answered_at", "rated_at", "wake_on", "due_original_at", "due_final_at")
        )
        state = "dispatched" if way.category.process_group == "immediate" else "assigned"
        way.step(step, at, actor, state=state, new_clock=True, columns=columns, **parts)

    def after(self, way: Way, kind: Kind, spot: Spot, officer: Actor) -> None:
        """What the reporter says of it, and the end."""
        rng, shape, row = self.rng, self.shape, way.row
        published = row["published_at"]
        if row["reporter_id"]:
            rated = rng.random() < self.rated
            rating = self.writer.weighted(shape["ratings"]) if rated else ""
            reopened = not row["reopened"] and rng.random() < self.reopened * _UNHAPPY.get(rating, 0.0)
            if rating:
                self.rate(way, rating)
            if reopened:
                self.reopen(way, kind, spot, officer)
                return
        if row["state"] == "published":
            way.step("auto_close", published + timedelta(days=15), SYSTEM, state="closed")

    rated = reopened = 0.0  # of those published whose reporter is known: set by the history, which knows how many are

    def rate(self, way: Way, rating: str) -> None:
        at = way.moment(way.changed_at + timedelta(hours=0.4 + 90 * self.rng.random() ** 2))
        reason = self.writer.pick("ratings", rating)
        label = way.process.steps["rate"].fields["rating"].options[rating]
        columns = {"rating": rating, "rating_reason": reason, "rated_at": at}
        way.step(
            "rate", at, ("citizen", way.row["reporter_id"]), state="" if rating == "not_satisfied" else "closed",
            columns=columns, told={f"text_{k}": v for k, v in label.items()}, public={"rating": rating},
            **({"staff": {"reason": reason}} if reason else {}),
        )  # fmt: skip

    def reopen(self, way: Way, kind: Kind, spot: Spot, officer: Actor) -> None:
        rng, row = self.rng, way.row
        reason = rng.choice(_REASONS)
        text, citizen = self.writer.pick("reopen", reason), ("citizen", row["reporter_id"])
        at = way.moment(way.changed_at + timedelta(hours=rng.uniform(4, 150)))
        self.new_round(way, "reopen", at, citizen, columns={"reopened": row["reopened"] + 1},
                       public={"reason": reason, "agency": row["agency_id"]}, party={"text": text})  # fmt: skip
        self._say(way, at, citizen, text)
        immediate = way.category.process_group == "immediate"
        if immediate:
            at = way.moment(way.share(rng.uniform(0.05, 0.2)))
            way.step("accept", at, officer, state="accepted", columns={"officer_id": officer[1], "started_at": at})
        else:
            self.start(way, officer, way.share(rng.uniform(0.05, 0.2)))
        names = {"step": "done", "state": "done"} if immediate else {}
        self.answer(way, kind, spot, officer, way.share(rng.uniform(0.4, 0.97)), "fixed_with_evidence", **names)
        self.publish(way, way.working(rng.uniform(15, 400)))
        self.after(way, kind, spot, officer)


def _without(way: Way, step: str) -> dict[str, Any]:
    return {key: value for key, value in way.row["pending"].items() if key != step}
