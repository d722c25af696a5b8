"""The sample rosters."""

from hues.cli.demo import duty
from hues.cli.demo.texts import read_texts
from hues.duty import queries
from hues.duty.models import Shift, Team
from hues.kernel import clock
from hues.kernel.actors import SYSTEM
from hues.people.actions import create_staff, grant_role
from hues.people.models import User
from tests.duty.conftest import MONDAY, local


def test_the_sample_has_people_on_duty_now_in_every_team_and_one_gap_to_see() -> None:
    texts = read_texts()
    for row in texts.accounts["staff"]:
        user = create_staff(
            actor=SYSTEM, username=row["username"], password="x", display_name=row["name"], is_sample=True
        )
        grant_role(actor=SYSTEM, user_id=user.pk, role=row["role"], agency=row.get("agency", ""))
    made = duty.fill("small")
    assert made == Shift.objects.count() > 1000
    assert duty.fill("small") == 0
    there = queries.on_duty_everywhere()
    teams = list(Team.objects.all())
    assert {one.team_id for one in there if not one.standby} == {team.pk for team in teams}
    assert queries.shift_leads() == [User.objects.get(username="truongca").pk]
    gaps = queries.gaps(teams, clock.now(), local("2026-10-26"))
    assert gaps and {gap.team for gap in gaps} == {"Tổ trực ban phường Phú Xuân"} and all(gap.nobody for gap in gaps)
    assert gaps[0].starts_at > MONDAY
