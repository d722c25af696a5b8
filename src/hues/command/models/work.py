"""What is done: tasks to agencies, forces that were committed, and the cases and calls that belong to it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.city.models import Agency
from hues.command.models.incident import Incident, Objective, Sector
from hues.kernel.ids import new_id
from hues.people.models import User


class IncidentTask(models.Model):
    """Something that an agency is to do. It is carried by a case: its way, clock and ladder are the case's own."""

    class Way(models.TextChoices):
        IMMEDIATE = "immediate", _("At once")
        ORDER = "order", _("By a deadline")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    number = models.SmallIntegerField()
    way = models.CharField(max_length=12, choices=Way.choices)
    title = models.CharField(max_length=160)
    text = models.TextField(default="", blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sector = models.ForeignKey(Sector, null=True, on_delete=models.SET_NULL, related_name="tasks")
    objective = models.ForeignKey(Objective, null=True, on_delete=models.SET_NULL, related_name="tasks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    dispatch_id = models.UUIDField(null=True)  # the party's own task, where it was sent at once
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)  # what remained became `remains`
    remains = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    called_off_at = models.DateTimeField(null=True)
    called_off_why = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="incident_task_number")]


class LinkedCase(models.Model):
    """A case that belongs to an incident, belonged to it, or was looked at and does not. Rows stay: they are the history."""

    class State(models.TextChoices):
        LINKED = "linked"
        UNLINKED = "unlinked"
        PASSED = "passed"  # offered, and not of it

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="incident_links")
    state = models.CharField(max_length=8, choices=State.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.TextField(default="", blank=True)  # it was unlinked

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "case"], condition=~models.Q(state="unlinked"), name="incident_case_once"
            )
        ]
        indexes = [models.Index(fields=["incident", "state", "-at"], name="incident_cases")]


class LinkedCall(models.Model):
    """A call of the hotline about it. Kept by its id and code: the call itself goes when its time of retention is over."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="calls")
    call_id = models.UUIDField()
    code = models.CharField(max_length=16)
    label = models.CharField(max_length=200, default="", blank=True)  # what it was about, without any person
    called_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "call_id"], condition=models.Q(ended_at=None), name="incident_call_once"
            )
        ]
        indexes = [models.Index(fields=["call_id"], name="incident_call")]


class Commitment(models.Model):
    """A team or other force that works for the incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="commitments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    team_id = models.UUIDField(null=True)  # of the rosters; NULL for what has none: boats, volunteers
    name = models.CharField(max_length=120)
    people = models.SmallIntegerField(default=0)
    gear = models.CharField(max_length=200, default="", blank=True)
    sector = models.ForeignKey(Sector, null=True, on_delete=models.SET_NULL, related_name="commitments")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "team_id"],
                condition=models.Q(until=None, team_id__isnull=False),
                name="incident_team_once",
            )
        ]
