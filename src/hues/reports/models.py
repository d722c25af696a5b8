"""What the channel of reports keeps besides cases: drafts of guests, and how cases travel between cities."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hues.cases.models import Case
from hues.kernel.ids import new_id


class ReportDraft(models.Model):
    """A report that somebody began. It belongs to a browser session, counts for nothing until it is submitted, and
    vanishes by itself. Submitted once: `submitted_case` is what came of it, however often the button was pressed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=8, default="vi")
    data = models.JSONField(default=dict)  # what was typed so far, by the names of actions.file_report
    file_ids = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitted_case = models.OneToOneField(Case, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="draft_expiry")]


class RemoteCity(models.Model):
    """Another city's Open311 server, which we read, feed, or both. Its address is given by an operator."""

    name = models.CharField(max_length=32, unique=True)  # what operators call it
    url = models.TextField()  # of the endpoint, without a slash at the end
    jurisdiction_id = models.CharField(max_length=128, default="", blank=True)
    sealed_key = models.BinaryField(null=True)  # our API key there, sealed by the vault
    services_in = models.JSONField(default=dict)  # their service_code → our category
    services_out = models.JSONField(default=dict)  # our category → their service_code
    feed_on = models.CharField(max_length=32, default="", blank=True)  # cases redirected to this target are sent there
    read_until = models.DateTimeField(null=True)  # requests up to here were read
    created_at = models.DateTimeField()


class RemoteCase(models.Model):
    """A case of ours that lives on in another city: its number there, and what they last said of it."""

    city = models.ForeignKey(RemoteCity, on_delete=models.PROTECT, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    remote_id = models.CharField(max_length=128, default="", blank=True)  # service_request_id there
    token = models.CharField(max_length=128, default="", blank=True)  # until a batch server gives the number
    status = models.CharField(max_length=32, default="", blank=True)
    status_notes = models.TextField(default="", blank=True)
    remote_updated_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # NULL: nothing more to do
    error = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "case"], name="remote_case_once"),
            models.UniqueConstraint(
                fields=["city", "remote_id"], condition=~models.Q(remote_id=""), name="remote_id_once"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="remote_case_next", condition=models.Q(next_try_at__isnull=False))
        ]


class RemoteUpdate(models.Model):
    """An update that another system sent us (POST servicerequestupdates): its own number makes it count once."""

    key_id = models.UUIDField()  # the API key that sent it
    update_id = models.CharField(max_length=128)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=32, default="", blank=True)  # as they see it
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_id", "update_id"], name="remote_update_once")]
