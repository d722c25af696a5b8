"""The incident of a drill: opened, raised, reported on, stood down, reviewed and closed, as those in command do it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from hues.cases import reference
from hues.cases.models import Case
from hues.command.actions import (
    add_log,
    add_review_point,
    close_incident,
    commit_force,
    draft_sitrep,
    give_first_tasks,
    hand_over_task,
    judge_objective,
    link_cases,
    open_incident,
    release_force,
    set_level,
    sign_sitrep,
    stand_down,
    write_review,
)
from hues.command.models import Incident
from hues.command.playbooks import playbook
from hues.command.queries.tasks import open_tasks
from hues.duty.queries import nearest
from hues.kernel import clock
from hues.kernel.actors import Actor

if TYPE_CHECKING:
    from hues.cli.drill.rain import Rain
    from hues.cli.drill.stage import Story

KIND = "flood"
WARDS = ("19789", "19753", "19777", "19815", "19774")
_LINKED_AT = (12, 22, 32, 42, 52, 62)
_SIGNED_AT = (32, 62)


class Operation:
    def __init__(self, rain: "Rain") -> None:
        self.rain, self.code = rain, ""
        self.lead = rain.staff.lead
        command = reference.agencies_by_code()[playbook().command_agency]
        with clock.at(rain.stage.start):
            self.commander: Actor = rain.staff.head(command.pk)

    @property
    def incident(self) -> Incident:
        return Incident.objects.get(code=self.code)

    def run(self) -> "Story":
        stage = self.rain.stage
        self._open()
        for minute in range(8, 66, 2):
            yield stage.at(minute)
            if minute == 26:
                why = "Nước lên nhanh ở nhiều phường, vượt lực lượng tại chỗ"
                set_level(actor=self.commander, code=self.code, level=3, why=why)
            if minute in _LINKED_AT:
                self._link()
            if minute in _SIGNED_AT:
                self._report()
            if minute % 10 == 0:
                add_log(
                    actor=self.lead, code=self.code, body=f"Phút {minute}: mưa tiếp tục, các đội báo đang làm việc."
                )
        yield stage.at(96)
        self._end()

    def _open(self) -> None:
        name = "Mưa lớn đô thị (diễn tập)"
        opened = open_incident(actor=self.lead, kind=KIND, level=2, name=name, unit_codes=WARDS, is_sample=True)
        self.code = self.rain.ledger.incident = opened.code
        orders = [task.code for task in playbook().kind(KIND).tasks if task.way == "order"]
        give_first_tasks(actor=self.lead, code=self.code, chosen=orders[:2])
        centre = reference.units_by_code()[WARDS[0]]
        team = next((one for one in nearest(centre.lat, centre.lon, limit=9) if one.kind != "centre"), None)
        if team:
            commit_force(actor=self.lead, code=self.code, team_id=team.team_id, gear="2 xuồng, 1 máy bơm")
        add_log(actor=self.lead, code=self.code, kind="decision", body="Ưu tiên khu vực trũng, trường học, bệnh viện.")

    def _link(self) -> None:
        """What the rain brought in and nobody has linked yet."""
        waters = Case.objects.filter(category__code__in=playbook().kind(KIND).categories, parent=None)
        fresh = [code for code in waters.values_list("code", flat=True) if code not in self.rain.ledger.linked]
        mine = [code for code in fresh if code not in self._of_command()]
        if mine:
            link_cases(actor=self.lead, code=self.code, cases=mine)
            self.rain.ledger.linked |= set(mine)

    @staticmethod
    def _of_command() -> set[str]:
        return set(Case.objects.filter(channel__in=("command", "order")).values_list("code", flat=True))

    def _report(self) -> None:
        drafted = draft_sitrep(actor=self.lead, code=self.code)
        sign_sitrep(actor=self.commander, code=self.code, number=drafted.number)

    def _end(self) -> None:
        """Nothing stays open: what is not done is handed over and becomes a case with time."""
        for task in open_tasks(self.incident):
            words = "Việc còn lại sau khi hết mưa, xử lý theo thời hạn thông thường."
            hand_over_task(actor=self.lead, code=self.code, task_id=task.id, words=words, category="TA06")
        for force in self.incident.commitments.filter(until=None):
            release_force(actor=self.lead, code=self.code, commitment_id=force.pk)
        for goal in self.incident.objectives.filter(state="open"):
            judge_objective(
                actor=self.commander,
                code=self.code,
                objective_id=goal.pk,
                state="reached",
                note="Không còn nơi ngập sâu.",
            )
        stand_down(actor=self.commander, code=self.code, why="Mưa dứt, nước rút")
        review = (
            "Diễn tập: 400 phản ánh, 200 cuộc gọi, 40 việc tức thời trong một giờ; thang báo động leo đúng các mốc."
        )
        write_review(actor=self.commander, code=self.code, summary=review)
        owner = reference.agencies_by_code()["HEP"]
        add_review_point(
            actor=self.commander, code=self.code, kind="mend", words="Bố trí thêm máy bơm ở vùng trũng trước mùa mưa.",
            owner_id=owner.pk, due_at=clock.now() + timedelta(days=30),
        )  # fmt: skip
        for sitrep in self.incident.sitreps.filter(signed_at=None):
            sign_sitrep(actor=self.commander, code=self.code, number=sitrep.number)
        close_incident(actor=self.commander, code=self.code)
