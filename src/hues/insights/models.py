"""Counts of cases by day, month and year, kept so that a page costs the same at two hundred thousand cases and at two million."""

from django.db import models


class Tally(models.Model):
    """What became of the cases received in one day, month or year, in one cut of the city.

    `cut` says which of unit, category, agency and channel the row is about (hues.insights.cuts); the others are 0 or
    empty, as they are where a case has none. Days (of the last thirteen months) and months are computed from the
    cases, years from the months. Sample data are counted apart.
    """

    class Span(models.TextChoices):
        DAY = "d"
        MONTH = "m"
        YEAR = "y"

    span = models.CharField(max_length=1, choices=Span.choices)
    start = models.DateField()  # the day, or the first of the month or year, in the city's zone
    is_sample = models.BooleanField()
    cut = models.SmallIntegerField()
    unit = models.BigIntegerField(default=0)
    category = models.BigIntegerField(default=0)
    agency = models.BigIntegerField(default=0)
    channel = models.CharField(max_length=16, default="", blank=True)

    # The measures: hues.insights.measures says what each counts.
    received = models.IntegerField()
    still_open = models.IntegerField()
    eligible = models.IntegerField()
    rejected = models.IntegerField()
    redirected = models.IntegerField()
    duplicates = models.IntegerField()
    answered = models.IntegerField()
    resolved = models.IntegerField()
    answered_with_date = models.IntegerField()
    on_time_original = models.IntegerField()
    on_time_final = models.IntegerField()
    rated = models.IntegerField()
    satisfied = models.IntegerField()
    accepts = models.IntegerField()
    not_satisfied = models.IntegerField()
    reopened = models.IntegerField()
    broke_again = models.IntegerField(default=0)
    hops = models.IntegerField()
    recurring = models.IntegerField()
    placed = models.IntegerField()
    read = models.IntegerField(default=0)
    sent = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    accepted_in_time = models.IntegerField(default=0)
    arrived = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    promises_ended = models.IntegerField(default=0)
    promises_kept = models.IntegerField(default=0)
    times = models.JSONField(default=dict)  # {"read:12": 4, "answer:30": 2, "fix:30": 1}: cases by bucket of duration

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "span", "start", "is_sample", "unit", "category", "agency", "channel"],
                name="tally_once",
            )
        ]
        indexes = [
            models.Index(fields=["cut", "unit", "span", "start"], name="tally_unit", condition=models.Q(unit__gt=0)),
            models.Index(
                fields=["cut", "agency", "span", "start"], name="tally_agency", condition=models.Q(agency__gt=0)
            ),
            models.Index(
                fields=["cut", "category", "span", "start"], name="tally_category", condition=models.Q(category__gt=0)
            ),
        ]


class CaseEcho(models.Model):
    """A case that is one of several over time: the same had been reported before, or it broke again after it was fixed.

    Kept with the counts, so that a list can show these cases without looking at all the others.
    """

    case_id = models.UUIDField(primary_key=True)
    received_at = models.DateTimeField()
    again = models.BooleanField()
    broke = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="echo_received")]


class TallyState(models.Model):
    """How far the journal's log has been counted. One row."""

    place = models.BigIntegerField()  # of the next entry of the log
    counted_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)  # when all was last compared with the cases themselves
    found = models.IntegerField(default=0)  # rows that were wrong then
    brief_on = models.DateField(null=True)  # the last morning on which leaders were told of their brief
