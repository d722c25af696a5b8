"""An hour of heavy rain: 400 reports, 200 calls, 40 immediate tasks, one incident; then the end of it, until everything is closed."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from PIL import Image

from hues.cases import reference
from hues.cases.actions import fire_timers, take_step
from hues.cases.models import Case
from hues.city import routing
from hues.cli.demo.accounts import Staff, citizen
from hues.cli.demo.places import Geography, Spot
from hues.cli.demo.texts import Texts, read_texts
from hues.cli.demo.writer import Writer
from hues.cli.drill.calls import Switchboard
from hues.cli.drill.ledger import Ledger, Sent
from hues.cli.drill.operation import Operation
from hues.cli.drill.stage import MINUTE, Stage, Story
from hues.command.actions import begin_due_periods
from hues.dispatch.actions import accept_task, arrive, decline_task, finish_task, send_task, set_out
from hues.dispatch.firing import fire_task_timers
from hues.dispatch.models import Task
from hues.duty.queries import nearest
from hues.hotline.actions.surge import suggest_surge
from hues.hotline.actions.taking import close_silent
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.files import store_image
from hues.people.models import User
from hues.people.queries import actor_for
from hues.reports.actions import file_report

REPORTS, CALLS, TASKS = 400, 200, 40
HOUR, END = 60, 110  # minutes: when the rain stops, when the last is home
_BY_PHONE = 60  # of the calls become reports, 12 of those cannot wait
_URGENT_BY_PHONE = 12
_SAME = 0.12  # of the reports tell again what somebody told before
URGENT = ("HT05", "HT05", "HT05", "DT03", "DT03", "GT02", "HT01")
TIMED = ("HT04", "HT04", "HT04", "GT01", "MT01", "DT01", "DT01", "HT02", "TA06")
PHONE_TIMED = ("DT01", "HT02")  # no photo is asked for
FLOODED = ("19789", "19753", "19777", "19774", "19900", "19815", "19867", "20014")
# Minutes until somebody accepts: most at once, some only when the ladder has climbed.
WAITS = (*(1, 2, 3, 2) * 6, *(4,) * 2, *(7,) * 7, *(12,) * 4, *(17,) * 3)


def play_rain(now: datetime | None = None, *, reports: int = REPORTS, calls: int = CALLS, seed: str = "rain") -> Ledger:
    """Play it so that it ends now, and count. The same seed plays the same evening."""
    start = (now or clock.now()).replace(second=0, microsecond=0) - timedelta(minutes=END + 1)
    return Rain(start, reports, calls, random.Random(seed)).play()  # noqa: S311 - sample data


class Rain:
    """Who is there, and what each of them does."""

    def __init__(self, start: datetime, reports: int, calls: int, rng: random.Random) -> None:
        jobs: list[Callable[[], object]] = [
            fire_timers,
            fire_task_timers,
            begin_due_periods,
            close_silent,
            suggest_surge,
        ]
        self.stage, self.rng, self.ledger = Stage(start, jobs), rng, Ledger(began=start)
        self.reports, self.calls = reports, calls
        texts = read_texts()
        with clock.at(start - timedelta(days=1)):
            self.staff, self.people = Staff(texts), self._citizens(texts, reports)
            _on_duty()
        self.texts, self.places, self.writer = texts, Geography(texts.shape), Writer(texts, rng)
        self.waits = list(WAITS)
        rng.shuffle(self.waits)
        self.before: list[tuple[str, Spot, str]] = []  # timed reports so far: kind, place, code

    @staticmethod
    def _citizens(texts: Texts, reports: int) -> list[Actor]:
        prefix = texts.accounts["phones"]["prefix"]
        return [actor_for(citizen(f"{prefix}{n:03}")) for n in range(1, min(max(reports * 3 // 4, 2), 500))]

    def play(self) -> Ledger:
        stage, operation = self.stage, Operation(self)
        stage.begin(stage.at(6), operation.run())
        urgent = TASKS - _URGENT_BY_PHONE
        for n in range(self.reports):
            kind = self.rng.choice(URGENT if n < urgent else TIMED)
            stage.begin(stage.at(self._when()), self.report(kind))
        board = Switchboard(self)
        for n in range(self.calls):
            files = "" if n >= _BY_PHONE else self.rng.choice(URGENT if n < _URGENT_BY_PHONE else PHONE_TIMED)
            stage.begin(stage.at(self._when()), board.call(n, files, answered=n < self.calls * 0.85))
        stage.play(stage.at(END))
        self.ledger.ended = stage.at(END)
        return self.ledger

    def _when(self) -> float:
        """Minutes after the beginning: it pours in the middle of the hour."""
        return self.rng.triangular(0.5, HOUR - 0.5, 25)

    # Citizens and operators.

    def words(self, kind: str) -> tuple[Spot, str]:
        """A place, and what somebody would write there."""
        spot = self.places.spot(self.rng, among=FLOODED)
        return spot, self.writer.report(self.texts.kinds[kind], spot)

    def report(self, kind: str) -> Story:
        actor, told_before = self.rng.choice(self.people), ""
        spot, body = self.words(kind)
        if kind not in URGENT and self.before and self.rng.random() < _SAME:
            kind, spot, told_before = self.rng.choice(self.before)
        case = file_report(
            actor=actor, category=kind, body=body, lat=spot.lat + self.rng.gauss(0, 0.00008), lon=spot.lon,
            address=spot.address, place_source="map", anonymous=True, file_ids=self._photos(actor, kind),
        )  # fmt: skip
        self.ledger.reports.append(case.code)
        yield clock.now()
        yield from self.decide(case, kind, told_before)
        if kind not in URGENT and not told_before:
            self.before.append((kind, spot, case.code))

    def _photos(self, actor: Actor, kind: str) -> list[UUID]:
        """One small photo, where the kind asks for one."""
        if not reference.categories_by_code()[kind].evidence.get("photos_required"):
            return []
        picture = BytesIO()
        Image.new("RGB", (160, 120), (self.rng.randrange(90), 90, 120)).save(picture, "JPEG")
        picture.seek(0)
        return [store_image(picture, owner_id=actor.id).file.pk]

    def decide(self, case: Case, kind: str, told_before: str = "") -> Story:
        """An operator reads it: what cannot wait first, then one after the other; some are still unread when the hour is over."""
        operator = self.rng.choice(self.staff.operators)
        if kind in URGENT:
            yield clock.now() + timedelta(seconds=self.rng.uniform(20, 110))
            yield from self.task(case, operator)
            return
        yield clock.now() + timedelta(minutes=self.rng.uniform(2, 30))
        if told_before and Case.objects.filter(code=told_before, parent=None).exists():
            take_step(actor=operator, code=case.code, step="merge", data={"parent": told_before})
            self.ledger.merged[case.code] = told_before
        elif self.rng.random() < 0.8:
            take_step(actor=operator, code=case.code, step="accept", data={"agency": self._agency(case)})

    @staticmethod
    def _agency(case: Case) -> str:
        unit = reference.units().get(case.unit_id) if case.unit_id else None
        return routing.agency_for(case.category, unit, address=case.address).code

    # Parties.

    def task(self, case: Case, operator: Actor, *, may_decline: bool = True) -> Story:
        """The nearest party on duty is sent; it accepts sooner or later, goes, arrives, makes it safe."""
        wait = self.waits.pop() if self.waits else 2
        task = self._send(case, operator)
        sent_at = clock.now()
        if may_decline and wait == 4:
            yield sent_at + timedelta(minutes=3)
            decline_task(actor=self._one_of(task), task_id=task.pk, reason="Xe cứu hộ đang bận việc khác")
            task = self._send(case, operator)  # the ladder goes on from the first that was sent
        yield clock.now() + timedelta(minutes=wait, seconds=self.rng.uniform(5, 40))
        officer = self._one_of(task)
        accept_task(actor=officer, task_id=task.pk, minutes=self.rng.choice((10, 15, 20)))
        self.ledger.sent.append(Sent(case.code, task.pk, sent_at, clock.now()))
        yield clock.now() + MINUTE
        set_out(actor=officer, task_id=task.pk)
        yield clock.now() + timedelta(minutes=self.rng.uniform(4, 12))
        arrive(actor=officer, task_id=task.pk, lat=case.lat, lon=case.lon, accuracy_m=15)
        yield clock.now() + timedelta(minutes=self.rng.uniform(5, 15))
        note = "Đã rào chắn, khơi dòng, hướng dẫn xe đi đường khác; hiện trường an toàn."
        finish_task(actor=officer, task_id=task.pk, outcome="temporary_fix", note=note)
        yield clock.now() + timedelta(minutes=self.rng.uniform(1, 4))
        take_step(actor=operator, code=case.code, step="publish", data={"text": note})

    def _send(self, case: Case, operator: Actor) -> Task:
        teams = nearest(case.lat, case.lon, limit=8) if case.lat is not None and case.lon is not None else []
        gone = set(Task.objects.filter(case=case).values_list("team_id", flat=True))
        team = next((one for one in teams if one.kind != "centre" and one.team_id not in gone), None)
        if team is None:
            agency = reference.agencies_by_code()[self._agency(case)]
            return send_task(actor=operator, code=case.code, agency_id=agency.pk)
        return send_task(
            actor=operator, code=case.code, agency_id=team.agency_id, team_id=team.team_id,
            distance_m=team.distance_m, minutes=team.minutes,
        )  # fmt: skip

    def _one_of(self, task: Task) -> Actor:
        """Somebody of the party: on duty in its team, else an officer of its agency."""
        person = task.people.order_by("person_id").values_list("person_id", flat=True).first()
        return actor_for(User.objects.get(pk=person)) if person else self.staff.officers(task.agency_id)[0]


def _on_duty() -> None:
    """The sample city's teams and rosters."""
    from hues.cli.demo import duty

    duty.fill("small")
