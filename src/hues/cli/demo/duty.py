"""Sample teams with their rosters, laid six weeks ahead through the real actions; those of the first crew are on duty when the sample is loaded."""

from datetime import date, timedelta
from typing import Any

import yaml
from django.conf import settings
from django.utils import translation

from hues.city import clock as city_clock
from hues.city import routing
from hues.cli.demo.texts import read_texts
from hues.duty import actions, phones, presets
from hues.duty import rota as rotas
from hues.duty.models import Member, Role, Team
from hues.kernel import clock
from hues.kernel.actors import HEAD, LEAD, SYSTEM, Actor, Grant
from hues.people.actions import create_staff, grant_role
from hues.people.models import User

_MARKS = {"*": Role.SHIFT_LEAD, "+": Role.CHIEF}
_DAY = timedelta(days=1)
_FIRST_NUMBER = 101  # of the sandbox's block: citizens have those below


def fill(size: str) -> int:  # noqa: ARG001 - the rosters of both sizes are the same
    """Returns how many shifts were laid; 0 where the teams are there already."""
    path = settings.CITIES_DIR / settings.CITY / "demo" / "duty.yaml"
    if not path.is_file() or Team.objects.filter(is_sample=True).exists():
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        _make_accounts()
        return _make_teams(yaml.safe_load(path.read_text("utf-8"))["teams"])


def _make_teams(raw: list[dict[str, Any]]) -> int:
    laid = sum(_make(one) for one in raw)
    prefix = read_texts().accounts["phones"]["prefix"]
    for number, person_id in enumerate(Member.objects.order_by("person__username").values_list("person_id", flat=True)):
        phones.keep(person_id, f"{prefix}{_FIRST_NUMBER + number}")
    return laid


def _make_accounts() -> None:
    accounts = read_texts().accounts
    known = set(User.objects.filter(kind=User.Kind.STAFF).values_list("username", flat=True))
    for row in accounts.get("rosters", ()):
        if row["username"] not in known:
            user = create_staff(
                actor=SYSTEM,
                username=row["username"],
                password=accounts["password"],
                display_name=row["name"],
                is_sample=True,
            )
            grant_role(actor=SYSTEM, user_id=user.pk, role=row["role"], agency=row.get("agency", ""))


def _make(raw: dict[str, Any]) -> int:
    agency = next(one for one in routing.current_agencies() if one.code == raw["agency"])
    role = Grant(LEAD) if agency.is_centre else Grant(HEAD, agency.pk)
    keeper = Actor("staff", _person(raw["chief"]).pk, "", frozenset({role}))
    base = raw["base"]
    team = actions.save_team(
        actor=keeper, agency_id=agency.pk, name=raw["name"], kind=raw["kind"], chief_id=_person(raw["chief"]).pk,
        base_name=base["name"], base_lat=base["lat"], base_lon=base["lon"], minimum=raw.get("minimum", 1),
        auto_swap=raw.get("auto_swap", False), is_sample=True,
    )  # fmt: skip
    for crew, names in raw["crews"].items():
        for name in names:
            username, mark = name.rstrip("*+"), name[-1:]
            actions.add_member(
                actor=keeper, team_id=team.pk, person_id=_person(username).pk, crew=crew, relay=False,
                role=_MARKS.get(mark, Role.MEMBER),
            )  # fmt: skip
    preset = presets.preset(raw["rota"])
    if preset is None:
        raise LookupError(f"there is no rota {raw['rota']!r}")
    plan = {"usual": preset.plan(), "holiday": None}
    return actions.save_rota(actor=keeper, team_id=team.pk, rota=plan, anchor=_anchor(plan)).made


def _anchor(plan: dict[str, Any]) -> date:
    """The latest first day of the round on which the first crew is on duty now; a Monday where the round is of weeks."""
    now, zone, today = clock.now(), city_clock.city_zone(), city_clock.today()
    rota = rotas.read(plan)
    length = len(plan["usual"]["round"])
    days = [today - number * _DAY for number in range(length + 7)]
    if length % 7 == 0:
        days = [day for day in days if day.weekday() == 0]
    for first in days:
        for day in (today - _DAY, today):
            turns = rotas.turns(rota, day, since=first, holiday=None, zone=zone) if rota and day >= first else ()
            if any(turn.starts_at <= now < turn.ends_at and turn.on[:1] in (("A",), ("O",)) for turn in turns):
                return first
    return days[0]


def _person(username: str) -> User:
    return User.objects.get(username=username)
