"""Sample incidents through the real actions: one of heavy rain that runs, one that is over and reviewed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import yaml
from django.conf import settings

from hues.cases import reference
from hues.cases.actions import open_case, take_step
from hues.cases.models import Case
from hues.city.clock import city_zone, local
from hues.cli.demo.accounts import Staff, open_citizens
from hues.cli.demo.answers import sample_answers
from hues.cli.demo.texts import read_texts
from hues.command import actions
from hues.command.models import Incident, IncidentTask
from hues.dispatch import actions as dispatch
from hues.kernel import clock
from hues.kernel.actors import OPERATOR, Actor
from hues.people.models import User

EVENING = time(17, 0)


def fill(size: str) -> int:  # noqa: ARG001 - the same in a small city and a big one
    """Returns how many incidents were made; none where the pack has no samples, or they are there."""
    path = settings.CITIES_DIR / settings.CITY / "demo" / "incidents.yaml"
    if not path.is_file() or Incident.objects.filter(is_sample=True).exists():
        return 0
    rows: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    texts = read_texts()
    staff, citizens = Staff(texts), open_citizens(texts)[20:]
    for name in ("over", "running"):
        _Play(rows[name], staff, rows["leader"], citizens).play()
    return 2


@dataclass
class _Play:
    """One sample incident, told in the order of its moments."""

    row: dict[str, Any]
    staff: Staff
    leader: str
    citizens: list[User]

    def play(self) -> None:
        self.start = clock.now() - timedelta(minutes=self.row["ago"])
        self.cases: list[Case] = []
        self.tasks: dict[int, list[IncidentTask]] = {}
        self.goals: list[int] = []
        steps = sorted(self._steps(), key=lambda step: step[0])
        for minute, do, given in steps:
            at = self.start + timedelta(minutes=minute)
            if at > clock.now():
                continue
            with clock.at(at):
                do(given)

    @property
    def lead(self) -> Actor:
        return self.staff.named(self.leader)

    @property
    def code(self) -> str:
        return self.incident.code

    def _steps(self) -> Iterator[tuple[float, Any, Any]]:
        row = self.row
        for number, report in enumerate(row["reports"]):
            yield report["at"], self._report, (number, report)
        yield 0, self._open, row
        yield from ((line["at"], self._log, line) for line in row["log"])
        yield from ((force["at"], self._force, force) for force in row["forces"])
        yield from ((force["until"], self._release, force) for force in row["forces"] if "until" in force)
        for number, task in enumerate(row["tasks"]):
            yield task["at"], self._task, (number, task)
            yield from ((step[0], self._on, (number, step)) for step in task["then"])
        last = max(task["at"] for task in row["tasks"])
        yield from ((last + 5 + n, self._reached, number) for n, number in enumerate(row["reached"]))
        yield from ((paper["at"], self._sitrep, paper) for paper in row["sitreps"])
        if ends := row.get("ends"):
            yield ends["at"], self._end, ends
            yield ends["closed"], self._close, ends

    def _report(self, given: tuple[int, dict[str, Any]]) -> None:
        number, report = given
        rng = random.Random(f"{self.row['name']} {number}")  # noqa: S311 - sample data
        reporter = self.citizens[number]
        case = open_case(
            actor=self.lead,
            channel="hotline",
            category=report["category"],
            body=report["body"],
            lat=report["lat"],
            lon=report["lon"],
            address=report["address"],
            reporter=reporter,
            answers=sample_answers(reference.categories_by_code()[report["category"]], rng, clock.now()),
            is_sample=True,
        )
        self.cases.append(case)
        if number and number < self.row["linked"]:
            actions.link_case(actor=self.lead, code=self.code, case=case.code)

    def _open(self, row: dict[str, Any]) -> None:
        self.incident = actions.open_incident(
            actor=self.lead,
            kind=row["kind"],
            level=row["level"],
            name=row["name"],
            unit_codes=row["units"],
            from_case=self.cases[0].code,
            is_sample=True,
        )
        if deputies := [one.id for one in self.staff.operators if one.has(OPERATOR) and one.id][:1]:
            actions.name_deputies(actor=self.lead, code=self.code, person_ids=deputies)

    def _log(self, line: dict[str, Any]) -> None:
        words = {name: line[name] for name in ("body", "kind", "caller") if name in line}
        actions.add_log(actor=self.lead, code=self.code, **words)

    def _force(self, force: dict[str, Any]) -> None:
        body = reference.agencies_by_code()[force["agency"]]
        made = actions.commit_force(
            actor=self.lead,
            code=self.code,
            agency_id=body.pk,
            name=force["name"],
            people=force["people"],
            gear=force["gear"],
        )
        force["pk"] = made.pk

    def _release(self, force: dict[str, Any]) -> None:
        actions.release_force(actor=self.lead, code=self.code, commitment_id=force["pk"])

    def _task(self, given: tuple[int, dict[str, Any]]) -> None:
        number, task = given
        if "first" in task:
            self.tasks[number] = actions.give_first_tasks(actor=self.lead, code=self.code, chosen=[task["first"]])
            return
        body = reference.agencies_by_code()[task["agency"]]
        made = actions.give_task(
            actor=self.lead,
            code=self.code,
            agency_id=body.pk,
            title=task["title"],
            way=IncidentTask.Way.IMMEDIATE,
            due_at=clock.now() + timedelta(minutes=task["within"]),
            case=self.cases[task["case"] - 1].code,
        )
        self.tasks[number] = [made]

    def _on(self, given: tuple[int, list[Any]]) -> None:
        """What the body does next; of several bodies the first ones only, so that something is still awaited."""
        number, (_at, step, *words) = given
        tasks = self.tasks.get(number, [])
        for task in tasks[: max(1, len(tasks) - 1)]:
            officer = self.staff.officers(task.agency_id)[0]
            if task.dispatch_id:
                self._go(officer, task, step, words)
            elif step == "report":
                take_step(actor=officer, code=task.case.code, step="report", data={"text": words[0], "files": []})
            else:
                take_step(actor=officer, code=task.case.code, step=step)

    def _go(self, officer: Actor, task: IncidentTask, step: str, words: list[str]) -> None:
        case, party = task.case, task.dispatch_id
        if party is None:
            return
        match step:
            case "accept":
                dispatch.accept_task(actor=officer, task_id=party, minutes=20)
            case "set_out":
                dispatch.set_out(actor=officer, task_id=party)
            case "arrive":
                dispatch.arrive(actor=officer, task_id=party, lat=case.lat, lon=case.lon, accuracy_m=12)
            case "finish":
                dispatch.finish_task(actor=officer, task_id=party, outcome="temporary_fix", note=words[0])

    def _reached(self, number: int) -> None:
        goal = self.incident.objectives.get(number=number)
        actions.judge_objective(actor=self.lead, code=self.code, objective_id=goal.pk, state="reached")

    def _sitrep(self, paper: dict[str, Any]) -> None:
        drafted = actions.draft_sitrep(actor=self.lead, code=self.code)
        if paper["sign"]:
            actions.sign_sitrep(actor=self.lead, code=self.code, number=drafted.number)

    def _end(self, ends: dict[str, Any]) -> None:
        actions.stand_down(actor=self.lead, code=self.code, why=ends["why"])
        for paper in self.incident.sitreps.filter(signed_at=None):
            actions.sign_sitrep(actor=self.lead, code=self.code, number=paper.number)

    def _close(self, ends: dict[str, Any]) -> None:
        actions.write_review(actor=self.lead, code=self.code, summary=ends["summary"])
        for words in ends["well"]:
            actions.add_review_point(actor=self.lead, code=self.code, kind="well", words=words)
        for point in ends["mend"]:
            due = datetime.combine(local(clock.now() + timedelta(days=point["days"])).date(), EVENING, city_zone())
            actions.add_review_point(
                actor=self.lead,
                code=self.code,
                kind="mend",
                words=point["text"],
                owner_id=reference.agencies_by_code()[point["agency"]].pk,
                due_at=due,
            )
        actions.close_incident(actor=self.lead, code=self.code)
