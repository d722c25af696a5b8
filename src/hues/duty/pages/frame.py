"""What the pages of duty share: whose roster is looked at, the side, moments as they are typed."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hues.city import clock as city_clock
from hues.city.models import Agency
from hues.duty import access, queries
from hues.duty.models import Swap, Team
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def agency_of(request: HttpRequest) -> Agency:
    """The agency of the address; without one the viewer's own, or the first that they may see."""
    choices = queries.agencies_with_teams(actor_of(request))
    code = request.GET.get("agency", "")
    found = next((one for one in choices if not code or one.code == code), None)
    if found is None:
        raise NotFound(_("There is no such roster."))
    return found


def frame(request: HttpRequest, here: str, agency: Agency | None = None) -> dict[str, Any]:
    """What surrounds every page. Two statements."""
    actor = actor_of(request)
    waiting = Swap.objects.filter(colleague=actor.id, state=Swap.State.ASKED).count()
    return {
        "here": here,
        "agency": agency,
        "waiting": waiting,
        "keeps_teams": access.is_head_somewhere(actor) or Team.objects.filter(chief=actor.id, active=True).exists(),
        "live_topics": [f"person:{actor.id}", *([f"agency:{agency.pk}"] if agency else [])],
    }


def day_of(text: str) -> date:
    """A day of the address; today for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return city_clock.today()
    return day if 2000 <= day.year <= 2200 else city_clock.today()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def moment_of(text: str, name: str) -> datetime:
    """What a field of the kind datetime sends, on the city's clocks. Raises Invalid."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        typed = None
    if typed is None or not 2000 <= typed.year <= 2200:
        wrong = _("Please give a day and a time.")
        raise Invalid(wrong, fields={name: wrong})
    return typed.replace(tzinfo=city_clock.city_zone()) if typed.tzinfo is None else typed


def typed(at: datetime) -> str:
    """A moment as a field of the kind datetime has it."""
    return f"{city_clock.local(at):%Y-%m-%dT%H:%M}"
