"""The operators' console at Huế's volume: the room, its list, the next case, the minute's look for what was left lying."""

import json
from collections.abc import Callable, Iterator

from django.test import Client

from benchmarks.measure import Bound
from hues.cases.models import Case
from hues.console import actions, sieve
from hues.console.models import Lease
from hues.kernel.actors import SYSTEM
from hues.people.actions import create_staff, grant_role
from hues.people.models import User

NAME = "benchmark-operator"


def operator() -> Client:
    user = User.objects.filter(username=NAME).first()
    if user is None:
        user = create_staff(actor=SYSTEM, username=NAME, password="gió mùa đông bắc 2026", is_sample=False)  # noqa: S106
        grant_role(actor=SYSTEM, user_id=user.pk, role="operator", agency="")
    client = Client()
    client.force_login(user)
    return client


def triage() -> Iterator[tuple[str, Callable[[int], None], Bound]]:
    client = operator()

    def get(path: str) -> Callable[[int], None]:
        def call(_: int) -> None:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)

        return call

    def next_case(_: int) -> None:
        Lease.objects.all().delete()
        answer = client.post("/desk/triage/next", json.dumps({"view": {}, "skip": []}), content_type="application/json")
        assert answer.status_code in (200, 204), answer.status_code

    waiting = Case.objects.filter(sieve.to_decide()).count()
    yield f"console: the room ({waiting} wait)", get("/desk/triage"), Bound(cpu_ms=90, statements=34)
    yield "console: the list", get("/desk/triage/list"), Bound(cpu_ms=35, statements=12)
    yield "console: the next case, ahead", next_case, Bound(cpu_ms=45, statements=22)
    yield "console: views with their counts", get("/desk/triage/views"), Bound(cpu_ms=25, statements=8)
    yield (
        "console: what was left lying",
        lambda _: actions.notice_untouched() and None,
        Bound(total_cpu_ms=150, statements=12),
    )
