"""Teams, their members, shifts, swaps, absences; where people on duty are, for those who said yes to it."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hues.city.models import Agency
from hues.kernel.ids import new_id
from hues.people.models import User

LONGEST_SHIFT = timedelta(hours=48)


class Kind(models.TextChoices):
    CENTRE = "centre", _("Operations centre")
    WARD = "ward", _("Ward or commune")
    POLICE = "police", _("Police")
    FIRE = "fire", _("Fire and rescue")
    MEDICAL = "medical", _("Ambulance")
    CIVIL_DEFENCE = "civil_defence", _("Civil defence")
    UTILITY = "utility", _("Utility")
    OTHER = "other", _("Another team")


class Role(models.TextChoices):
    MEMBER = "member", _("Member")
    CHIEF = "chief", _("Team chief")
    SHIFT_LEAD = "shift_lead", _("Shift lead")


class Team(models.Model):
    """People of one agency who take turns. `rota` says how (hues.duty.rota); without one every shift is made by hand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="duty_teams")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    chief = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="chief_of")
    phone = models.CharField(max_length=32, default="", blank=True)  # of the team's room: no person's own number
    base_name = models.CharField(max_length=120, default="", blank=True)
    base_lat = models.FloatField(null=True)
    base_lon = models.FloatField(null=True)
    rota = models.JSONField(default=dict)
    anchor = models.DateField(null=True)  # the first day of the rota's round
    laid_through = models.DateField(null=True)  # shifts were made of the rota up to this day
    always = models.BooleanField(default=True)  # somebody must be there at any hour; else only in the rota's watches
    minimum = models.SmallIntegerField(default=1)  # people on duty at once
    auto_swap = models.BooleanField(default=False)  # a swap that both want needs nobody's approval
    active = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "name"], name="team_name_once"),
            models.CheckConstraint(
                condition=Q(base_lat=None, base_lon=None) | Q(base_lat__isnull=False, base_lon__isnull=False),
                name="team_base_whole",
            ),
            models.CheckConstraint(condition=Q(minimum__gte=1, minimum__lte=99), name="team_minimum"),
        ]


class Member(models.Model):
    """Somebody who takes turns in a team, in one of its crews, from a day up to (not including) a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duty_teams")
    crew = models.CharField(max_length=4, default="", blank=True)  # "A"; none: only shifts made by hand
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "person"], condition=Q(valid_to=None), name="member_once"),
        ]
        indexes = [models.Index(fields=["person"], name="member_of")]


class Shift(models.Model):
    """One person's turn. Nobody has two at once: `shift_one_at_a_time` (migration 0002), an exclusion of the database.

    A shift that is called off stays, so that the rota does not make it again, and its place can be taken.
    """

    class Source(models.TextChoices):
        ROTA = "rota"
        HAND = "hand"
        IMPORT = "import"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    standby = models.BooleanField(default=False)  # at home, comes when called
    swapped_for = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # whose it was
    watch = models.CharField(max_length=40, default="", blank=True)  # its name in the rota
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.HAND)
    planned_for = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # by the rota
    touched = models.BooleanField(default=False)  # changed by a person since: the rota keeps its hands off
    called_off = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST_SHIFT),
                name="shift_has_length",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "starts_at"], name="shift_of_team"),
            models.Index(fields=["person", "starts_at"], name="shift_of_person"),
        ]


class Swap(models.Model):
    """Somebody asks a colleague to take a shift, perhaps for one of theirs; the colleague accepts, the chief approves."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for the colleague")
        ACCEPTED = "accepted", _("Waiting for approval")
        DONE = "done", _("Swapped")
        DECLINED = "declined", _("Declined by the colleague")
        REFUSED = "refused", _("Not approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Ran out: the shift began")

    OPEN = (State.ASKED, State.ACCEPTED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="swaps")
    in_return = models.ForeignKey(Shift, null=True, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    colleague = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    note = models.CharField(max_length=300, default="", blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # when the first of its shifts begins
    answered_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="", blank=True)  # why it was refused

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(state__in=["asked", "accepted"]), name="swap_open_once"
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("colleague")), name="swap_two_people"),
        ]
        indexes = [
            models.Index(fields=["colleague"], name="swap_to_answer", condition=Q(state__in=["asked", "accepted"])),
            models.Index(fields=["expires_at"], name="swap_running", condition=Q(state__in=["asked", "accepted"])),
        ]


class Absence(models.Model):
    """When somebody cannot come. Shifts stay as they are; whoever is absent is simply not on duty in that time."""

    class Kind(models.TextChoices):
        LEAVE = "leave", _("Leave")
        SICK = "sick", _("Sick")
        TRAINING = "training", _("Training or mission")
        OTHER = "other", _("Another reason")

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for approval")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Not approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    note = models.CharField(max_length=300, default="", blank=True)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_has_length")]
        indexes = [
            models.Index(fields=["person", "ends_at"], name="absence_of", condition=Q(state__in=["asked", "granted"]))
        ]


class Position(models.Model):
    """Where somebody on duty is, from the moment they said yes until the end of the shift, 12 hours at the most.

    One row, the newest position only. Off the switch or at `until` the row is gone.
    """

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="duty_position")
    agreed_at = models.DateTimeField()
    until = models.DateTimeField()
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["until"], name="position_until")]


class DutyPhone(models.Model):
    """The number on which a member of staff is called and texted for duty, sealed in the vault's way."""

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="duty_phone")
    key_id = models.CharField(max_length=16)
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["key_id", "person"], name="duty_phone_key")]


class CalendarFeed(models.Model):
    """The private address of somebody's shifts; a new serial makes the old address worthless."""

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="duty_feed")
    serial = models.IntegerField(default=1)
    made_at = models.DateTimeField()


class GapNotice(models.Model):
    """That the heads were told of a gap: ahead when it was first seen, and once more on the day before."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    stage = models.CharField(max_length=8)  # ahead, soon
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "starts_at", "stage"], name="gap_told_once")]
