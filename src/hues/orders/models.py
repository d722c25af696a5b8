"""An order: which office gave it, out of what, and what must prove it. Its way, deadline and history are those of its case."""

from django.db import models

from hues.cases.models import Case
from hues.city.models import Agency
from hues.people.models import User


class Order(models.Model):
    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="order")
    title = models.CharField(max_length=160)
    evidence = models.CharField(max_length=500, default="", blank=True)  # what must prove it, in words
    files = models.SmallIntegerField(default=0)  # photos that the report must have at least
    giver = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    office = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # of the giver: checks it
    given_at = models.DateTimeField()
    # What it was given out of: a figure, a chart, a case, a call, an incident. "" where it stands alone.
    source_kind = models.CharField(max_length=16, default="", blank=True)
    source_ref = models.CharField(max_length=80, default="", blank=True)
    source_label = models.CharField(max_length=200, default="", blank=True)
    source_url = models.CharField(max_length=300, default="", blank=True)
    form_key = models.UUIDField(null=True, unique=True)  # of the form that gave it: sent twice, it is given once

    class Meta:
        indexes = [
            models.Index(fields=["office", "-given_at"], name="order_office"),
            models.Index(fields=["-given_at"], name="order_recent"),
            models.Index(
                fields=["source_kind", "source_ref"], name="order_source", condition=~models.Q(source_kind="")
            ),
        ]
