"""The incident: where, how grave, who commands, what is to be reached, what was said and decided."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.city.models import Agency
from hues.kernel.ids import new_id
from hues.people.models import User


class Incident(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("Running")
        STANDING_DOWN = "standing_down", _("Stood down, under review")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, unique=True)  # SC-7K3M-Q2
    version = models.IntegerField(default=1)  # raised by every change of the incident itself
    is_sample = models.BooleanField(default=False)
    kind = models.CharField(max_length=24)  # of the city's playbook
    name = models.CharField(max_length=160)
    level = models.SmallIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)

    # Where: whole units, and a circle or a polygon that somebody drew. The box holds all of it; no area means the whole city.
    unit_ids = ArrayField(models.BigIntegerField(), default=list)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    radius_m = models.IntegerField(null=True)
    polygon = models.JSONField(null=True)  # one closed ring [[lon, lat], …]

    # Which cases are offered: of these categories (none: of all), received from then on, in the area.
    categories = ArrayField(models.CharField(max_length=64), default=list)
    since = models.DateTimeField()

    commander = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    deputies = models.ManyToManyField(User, related_name="+", db_table="command_incident_deputy")

    period_hours = models.SmallIntegerField()
    period_number = models.SmallIntegerField(default=1)
    period_ends_at = models.DateTimeField(null=True)  # when the next one begins by itself; NULL once it is stood down

    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    from_case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    stood_down_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    demoted = models.BooleanField(default=False)  # it was none: its cases went on by themselves

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=4), name="incident_level"),
            models.CheckConstraint(
                condition=models.Q(lat=None, lon=None, radius_m=None)
                | models.Q(lat__isnull=False, lon__isnull=False, radius_m__gt=0),
                name="incident_circle",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", period_ends_at__isnull=False)
                | (~models.Q(state="open") & models.Q(period_ends_at=None)),
                name="incident_clock",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="incident_recent"),
            models.Index(
                fields=["period_ends_at"], name="incident_next", condition=models.Q(period_ends_at__isnull=False)
            ),
            models.Index(fields=["-level", "-opened_at"], name="incident_active", condition=models.Q(state="open")),
        ]


class IncidentAgency(models.Model):
    """A body that takes part: its heads see the incident, as far as it is theirs."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="agencies")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "agency"], name="incident_agency_once")]


class HandOver(models.Model):
    """Who commanded from when to when, and what the next one was told."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="hand_overs")
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    note = models.TextField(default="", blank=True)  # to whoever came next

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=models.Q(until=None), name="incident_one_commander")
        ]


class Sector(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="sectors")
    number = models.SmallIntegerField()
    name = models.CharField(max_length=120)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    leader = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    unit_ids = ArrayField(models.BigIntegerField(), default=list)
    polygon = models.JSONField(null=True)  # as of the incident
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="sector_number")]


class Objective(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("In progress")
        REACHED = "reached", _("Objective reached")
        DROPPED = "dropped", _("Dropped")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="objectives")
    number = models.SmallIntegerField()
    text = models.TextField()
    sector = models.ForeignKey(Sector, null=True, on_delete=models.SET_NULL, related_name="objectives")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    note = models.TextField(default="", blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="objective_number")]


class Period(models.Model):
    """An operational period. It begins by itself; one that nobody was there to begin has the start that was planned."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="periods")
    number = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # as planned; when it was stood down, the moment of that

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="period_number")]


class LogLine(models.Model):
    """What was said, seen and decided. The database refuses any change but of the pin; a mistake is mended by a further line."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        RADIO = "radio", _("Radio")
        PHONE = "phone", _("Phone")
        DECISION = "decision", _("Decision")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="log")
    number = models.IntegerField()
    at = models.DateTimeField()
    period = models.SmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    caller = models.CharField(max_length=80, default="", blank=True)  # who spoke, as on the radio
    body = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # NULL: the system
    agency = models.ForeignKey(Agency, null=True, on_delete=models.SET_NULL, related_name="+")  # whose the writer is
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    inside = models.BooleanField(default=False)  # for those who command alone
    pinned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="log_number")]
        indexes = [
            models.Index(fields=["incident", "-number"], name="log_recent"),
            models.Index(fields=["incident"], name="log_pinned", condition=models.Q(pinned_at__isnull=False)),
        ]
