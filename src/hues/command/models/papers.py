"""What is written: situation reports with their versions, texts for the public, the review."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.city.models import Agency
from hues.command.models.incident import Incident
from hues.people.models import User


class Sitrep(models.Model):
    """A situation report. A draft may be changed, each time as a new version; what was signed stays as it is."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="sitreps")
    number = models.SmallIntegerField()
    period = models.SmallIntegerField()
    language = models.CharField(max_length=8)
    since = models.DateTimeField()  # of what it tells
    until = models.DateTimeField()
    figures = models.JSONField()  # as counted when it was drafted; the next report says what changed
    sections = models.JSONField()  # {"situation": "…", …}: the newest version's
    version = models.SmallIntegerField(default=1)
    drafted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    sha256 = models.CharField(max_length=64, default="", blank=True)  # of what was signed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="sitrep_number")]


class SitrepVersion(models.Model):
    sitrep = models.ForeignKey(Sitrep, on_delete=models.CASCADE, related_name="versions")
    version = models.SmallIntegerField()
    sections = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # NULL: drafted by the system

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sitrep", "version"], name="sitrep_version")]


class Bulletin(models.Model):
    """A text for the public, made ready. Publishing it is not this room's."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="bulletins")
    number = models.SmallIntegerField()
    texts = models.JSONField()  # {"vi": "…", "en": "…"}
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="bulletin_number")]


class Review(models.Model):
    """What was learnt. Points to mend become orders."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="review")
    summary = models.TextField(default="", blank=True)
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")


class ReviewPoint(models.Model):
    class Kind(models.TextChoices):
        WELL = "well", _("Went well")
        MEND = "mend", _("To mend")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    text = models.TextField()
    owner = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True)
    order = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+")  # who owns it, until when
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="well") | models.Q(owner__isnull=False, due_at__isnull=False),
                name="review_point_owned",
            )
        ]
