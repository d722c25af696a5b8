"""What people are told inside the app: one row per person and journal entry, so that it can never come twice."""

from django.db import models

from hues.kernel.ids import new_id
from hues.people.models import User


class Notice(models.Model):
    """A line in somebody's inbox. Its words are made of `template` and `data` in the reader's language when shown."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    entry_id = models.UUIDField()  # the journal entry that caused it
    template = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    link = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "entry_id"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_inbox"),
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="notice_unread"),
        ]
