"""What several processes do at once with the cases of a served city: `python -m tests.cases.hands WHAT [CODE]`.

open: cases whose timers are long due; prints their codes. fire: fires what is due, prints how many. accept CODE: as an operator of its own;
prints what came of it. count: timers fired, and entries in the journal that tell of them.
listed: a public case. support CODE: ten people of its own have it too.
supported CODE: how many there are by the counter and by the rows.
"""

import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hues.config.settings")
django.setup()

from django.db.models import Count  # noqa: E402  Django is set up first

from hues.cases import actions  # noqa: E402
from hues.cases.models import Case, CaseTimer  # noqa: E402
from hues.kernel import clock  # noqa: E402
from hues.kernel.actors import OPERATOR, SYSTEM, Actor, Grant  # noqa: E402
from hues.kernel.errors import Conflict  # noqa: E402
from hues.kernel.ids import new_id  # noqa: E402
from hues.kernel.models import JournalEntry  # noqa: E402
from hues.people.models import User  # noqa: E402

CASES = 40


def opened() -> str:
    with clock.at(clock.now() - timedelta(days=60)):
        made = [
            actions.open_case(actor=SYSTEM, category="DT01", body=f"Đèn số {n} không sáng", lat=16.4637, lon=107.5909)
            for n in range(CASES)
        ]
    return " ".join(case.code for case in made)


def accepted(code: str) -> str:
    operator = Actor("staff", new_id(), "Lan", frozenset({Grant(OPERATOR)}), "en")
    sys.stdin.read(1)  # everybody waits for the starting gun
    try:
        return f"won {actions.take_step(actor=operator, code=code, step='accept').version}"
    except Conflict as late:
        return f"lost {late.detail}"


def listed() -> str:
    """A case that everyone may read and that is open; prints its code."""
    operator = Actor("staff", new_id(), "Lan", frozenset({Grant(OPERATOR)}), "en")
    case = actions.open_case(actor=SYSTEM, category="DT01", body="Đèn không sáng", lat=16.4637, lon=107.5909)
    return actions.take_step(actor=operator, code=case.code, step="accept").code


def supported_by_ten(code: str) -> str:
    """Ten people say "me too", each twice."""
    people = [
        User.objects.create(kind="citizen", username=new_id().hex, created_at=clock.now()).pk for _number in range(10)
    ]
    sys.stdin.read(1)
    for person in [*people, *people]:
        actions.support_case(actor=Actor("citizen", person), code=code)
    return "done"


def supporters(code: str) -> str:
    """The number that a case shows, and how many rows stand behind it."""
    case = Case.objects.get(code=code)
    return f"{case.support_count} {case.supports.count()}"


def counted() -> str:
    fired = CaseTimer.objects.filter(fired_at__isnull=False).count()
    told = JournalEntry.objects.filter(action="case.timer")
    twice = told.values("subject_id", "parts__staff__kind").annotate(n=Count("id")).filter(n__gt=1).count()
    return f"{fired} {told.count()} {twice}"


if __name__ == "__main__":
    doors = {
        "open": opened,
        "fire": lambda: str(actions.fire_timers(limit=10_000)),
        "accept": accepted,
        "count": counted,
        "listed": listed,
        "support": supported_by_ten,
        "supported": supporters,
    }
    what, *rest = sys.argv[1:]
    sys.stdout.write(f"{doors[what](*rest)}\n")
