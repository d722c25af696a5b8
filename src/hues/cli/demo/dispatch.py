"""Sample urgent cases with parties in every state of the board, through the real actions; the ladders climb by themselves once the city runs."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import translation

from hues.cases import reference
from hues.cases.actions import open_case
from hues.cases.models import Case
from hues.dispatch import actions, parties, queries
from hues.dispatch.models import Task
from hues.kernel import clock
from hues.kernel.actors import OFFICER, OPERATOR, SYSTEM, Actor, Grant
from hues.people.models import Membership

SOURCE = "demo.dispatch"


def fill(size: str) -> int:  # noqa: ARG001 - the same few in both sizes
    """Returns how many cases were made; 0 where they are there already."""
    path: Path = settings.CITIES_DIR / settings.CITY / "demo" / "dispatch.yaml"
    operator = Membership.objects.filter(role=OPERATOR, user__is_sample=True).order_by("user__username").first()
    if operator is None or not path.is_file() or Case.objects.filter(source=SOURCE).exists():
        return 0
    centre = Actor("staff", operator.user_id, operator.user.name, frozenset({Grant(OPERATOR)}))
    now = clock.now()
    scenes = yaml.safe_load(path.read_text("utf-8"))["scenes"]
    with translation.override(settings.LANGUAGE_CODE):
        for number, scene in enumerate(scenes):
            _play(scene, number, centre, now)
    return len(scenes)


def _play(scene: dict[str, Any], number: int, centre: Actor, now: datetime) -> None:
    """One case, each thing at its own moment."""

    def ago(what: str) -> datetime:
        return now - timedelta(minutes=scene[what])

    with clock.at(ago("opened")):
        case = open_case(
            actor=SYSTEM, category=scene["category"], body=scene["body"], address=scene["address"], lat=scene["lat"],
            lon=scene["lon"], channel="demo", source=SOURCE, source_id=str(number), is_sample=True,
        )  # fmt: skip
    if "sent" not in scene:
        return
    with clock.at(ago("sent")):
        task = _send(centre, case, scene.get("agency"))
        for code in scene.get("support", ()):
            _support(centre, case, code)
    officer = _officer(task)
    if officer is None:
        return
    if "declined" in scene:
        with clock.at(ago("sent") + timedelta(minutes=2)):
            actions.decline_task(actor=officer, task_id=task.pk, reason=scene["declined"])
    if "accepted" in scene:
        with clock.at(ago("accepted")):
            actions.accept_task(actor=officer, task_id=task.pk, minutes=scene["minutes"])
    if "set_out" in scene:
        with clock.at(ago("set_out")):
            actions.set_out(actor=officer, task_id=task.pk)
        _talk(scene, case, officer, centre, ago("set_out"))
    if "arrived" in scene:
        with clock.at(ago("arrived")):
            actions.arrive(actor=officer, task_id=task.pk, lat=scene["lat"], lon=scene["lon"], accuracy_m=14)
    if "done" in scene:
        with clock.at(ago("done")):
            actions.finish_task(actor=officer, task_id=task.pk, outcome=scene["outcome"], note=scene["text"])


def _send(centre: Actor, case: Case, code: str | None) -> Task:
    """The first that the board would suggest, or a named agency."""
    offers = queries.case_view(centre, case.code, brief=True).suggestions
    chosen = next((one for one in offers if code in (None, one.agency_code)), None)
    if chosen is None:
        agency = reference.agencies_by_code()[code or "IOC"]
        return actions.send_task(actor=centre, code=case.code, agency_id=agency.pk)
    return actions.send_task(
        actor=centre, code=case.code, agency_id=chosen.agency_id, team_id=chosen.team_id, distance_m=chosen.distance_m,
        minutes=chosen.minutes,
    )  # fmt: skip


def _support(centre: Actor, case: Case, code: str) -> None:
    offers = queries.case_view(centre, case.code, brief=True).suggestions
    chosen = next((one for one in offers if one.agency_code == code), None)
    agency = reference.agencies_by_code().get(code)
    if agency is None:
        return
    team = chosen.team_id if chosen else None
    task = actions.send_task(actor=centre, code=case.code, agency_id=agency.pk, team_id=team)
    officer = _officer(task)
    if officer is not None and task.role == Task.Role.SUPPORT:
        actions.accept_task(actor=officer, task_id=task.pk, minutes=15)


def _officer(task: Task) -> Actor | None:
    """Somebody who was told to go."""
    people = parties.told_of(task)
    held = (
        Membership.objects.filter(user__in=people, agency=task.agency_id)
        .select_related("user")
        .order_by("user__username")
    )
    found = held.first()
    if found is None:
        return None
    return Actor("staff", found.user_id, found.user.name, frozenset({Grant(OFFICER, task.agency_id)}))


def _talk(scene: dict[str, Any], case: Case, officer: Actor, centre: Actor, start: datetime) -> None:
    for number, line in enumerate(scene.get("log", ())):
        with clock.at(start + timedelta(minutes=1 + number)):
            actions.write_log(actor=centre if number % 2 else officer, code=case.code, text=line)
