"""The sample city has tasks to look at."""

from hues.cli.demo import dispatch, duty
from hues.cli.demo.texts import read_texts
from hues.dispatch import queries
from hues.dispatch.models import Task
from hues.kernel.actors import OPERATOR, SYSTEM, Actor, Grant
from hues.kernel.ids import new_id
from hues.people.actions import create_staff, grant_role


def test_every_column_of_the_board_shows_something(db: None) -> None:
    for row in read_texts().accounts["staff"]:
        user = create_staff(
            actor=SYSTEM, username=row["username"], password="x", display_name=row["name"], is_sample=True
        )
        grant_role(actor=SYSTEM, user_id=user.pk, role=row["role"], agency=row.get("agency", ""))
    duty.fill("small")
    assert dispatch.fill("small") == 8
    assert dispatch.fill("small") == 0, "once"
    found = queries.board(Actor("staff", new_id(), "Lan", frozenset({Grant(OPERATOR)})))
    assert all((found.waiting, found.sent, found.going, found.there, found.done))
    assert any(row.declined for row in found.waiting) and any(row.role == "support" for row in found.rows())
    assert all(task.is_sample for task in Task.objects.all())
