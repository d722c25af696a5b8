"""Who was sent to a case, how far they are, what they and the centre wrote, whom the centre called, what climbs by itself."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.city.models import Agency
from hues.duty.models import Team
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile
from hues.people.models import User


class State(models.TextChoices):
    """How far a party is. The first four are open."""

    SENT = "sent", _("Sent, nobody accepted")
    ACCEPTED = "accepted", _("Accepted")
    ON_WAY = "on_way", _("On the way")
    ARRIVED = "arrived", _("On the scene")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Cannot come")
    CANCELLED = "cancelled", _("Called back")


OPEN = (State.SENT, State.ACCEPTED, State.ON_WAY, State.ARRIVED)
ORDER = {state: place for place, state in enumerate((*OPEN, State.DONE))}


class Task(models.Model):
    """One party on its way to one case. The case's own process follows the task of the lead; support goes beside it."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Leads")
        SUPPORT = "support", _("Supports")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="tasks", db_index=False)
    role = models.CharField(max_length=8, choices=Role.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    note = models.CharField(max_length=500, default="", blank=True)  # what the centre wants them to know
    sent_at = models.DateTimeField()
    sent_by_id = models.UUIDField(null=True)  # None: the system (it came back, it was reopened)
    distance_m = models.FloatField(null=True)  # when it was sent, as the list of the nearest said
    minutes = models.IntegerField(null=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # Moments as they happened; what a phone sent later without a network is in `marks`, with when it came in.
    accepted_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)  # to be there
    set_out_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    arrived_by = models.CharField(max_length=8, default="", blank=True)  # position, photo
    arrived_m = models.FloatField(null=True)  # how far from the place
    ended_at = models.DateTimeField(null=True)  # done, declined or stood down
    reason = models.CharField(max_length=1000, default="", blank=True)  # why they cannot come, why they were stood down
    marks = models.JSONField(default=dict)  # {"arrived": when it came in}, where that was later than it happened
    round = models.IntegerField(default=1)  # raised when its timers begin anew
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(role="lead", state__in=OPEN), name="one_open_lead"),
            models.UniqueConstraint(
                fields=["case", "agency", "team"],
                condition=Q(state__in=OPEN),
                name="open_task_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.ARRIVED,)) | Q(arrived_at__isnull=False), name="task_arrived_when"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "sent_at"], name="task_of_agency", condition=Q(state__in=OPEN)),
            models.Index(fields=["team"], name="task_of_team", condition=Q(state__in=OPEN)),
            models.Index(fields=["-ended_at"], name="task_ended", condition=Q(ended_at__isnull=False)),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def reached(self, state: str) -> bool:
        """Whether it is there already, or further."""
        return self.state in ORDER and ORDER[State(self.state)] >= ORDER[State(state)]


class TaskPerson(models.Model):
    """Somebody who was told to go; only they and their agency act on the task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="dispatch_tasks", db_index=False)
    place = models.SmallIntegerField()  # in the list to be called

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "person"], name="told_once")]
        indexes = [models.Index(fields=["person", "-task"], name="tasks_of_person")]


class TaskTimer(models.Model):
    """A step of a ladder that a task climbs by itself: nobody accepted, or nobody is there in the promised time.

    Fires once: `fired_at` is written in the transaction that tells of it. Those of the lead's acceptance are the case's own timers
    (`cases.CaseTimer`), for they are part of its process.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="timers")
    ladder = models.CharField(max_length=8)  # accept, arrival
    kind = models.CharField(max_length=32)
    round = models.IntegerField()
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    spared_at = models.DateTimeField(null=True)  # it was not needed any more

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "kind", "round"], name="task_timer_once"),
            models.CheckConstraint(condition=Q(fired_at=None) | Q(spared_at=None), name="task_timer_one_end"),
        ]
        indexes = [models.Index(fields=["due_at"], name="task_timer_next", condition=Q(fired_at=None, spared_at=None))]


class Call(models.Model):
    """The centre tried to reach somebody by telephone."""

    class Result(models.TextChoices):
        COMING = "coming", _("Comes")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Engaged")
        UNREACHABLE = "unreachable", _("Cannot be reached")
        CANNOT = "cannot", _("Cannot come")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="calls")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    by_id = models.UUIDField()
    result = models.CharField(max_length=12, choices=Result.choices)
    note = models.CharField(max_length=300, default="", blank=True)


class LogLine(models.Model):
    """A line of the log that all parties of a case share: what somebody wrote or photographed, or what happened to a task."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="dispatch_log", db_index=False)
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)  # said, or what happened: sent, accepted, …, called, climbed
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    body = models.CharField(max_length=2000, default="", blank=True)
    facts = models.JSONField(default=dict)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()  # when it came in
    happened_at = models.DateTimeField(null=True)  # where that was earlier: written without a network

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="dispatch_log_of_case")]
