"""What the channel of reports keeps besides cases: drafts of guests, and how cases travel between cities."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hues.cases.models import Case
from hues.city.models import Agency, Category, Unit
from hues.kernel.ids import new_id
from hues.people.models import User
from hues.reports.helping.models import OnBehalf as OnBehalf


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


class Follow(models.Model):
    """Somebody wants to hear of a case, a place, an area or a kind of matter."""

    class Kind(models.TextChoices):
        CASE = "case"
        PLACE = "place"  # a point and a radius
        UNIT = "unit"
        CATEGORY = "category"  # in a unit, or in the whole city

    class Pace(models.TextChoices):
        NOW = "now"
        DAILY = "daily"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    pace = models.CharField(max_length=8, choices=Pace.choices, default=Pace.DAILY)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    category = models.ForeignKey(Category, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    radius_m = models.SmallIntegerField(null=True)
    cell = models.CharField(max_length=15, default="", blank=True)  # H3, following.CELL
    label = models.CharField(max_length=120, default="", blank=True)  # what its owner calls the place
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "case", "unit", "category", "cell", "lat", "lon"],
                nulls_distinct=False,
                name="follow_once",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "person"], name="follow_case", condition=models.Q(kind="case")),
            models.Index(fields=["cell", "person"], name="follow_place", condition=models.Q(kind="place")),
            models.Index(fields=["unit", "person"], name="follow_unit", condition=models.Q(kind="unit")),
            models.Index(
                fields=["category", "unit", "person"], name="follow_kind", condition=models.Q(kind="category")
            ),
            models.Index(fields=["person"], name="follow_daily", condition=models.Q(pace="daily")),
        ]


class News(models.Model):
    """What happened in public to a case and concerns its surroundings: it was listed for the first time, or its end was
    published. One row for a piece of news, whoever hears of it; everything in it is public."""

    class Kind(models.TextChoices):
        LISTED = "listed"
        ENDED = "ended"

    entry_id = models.UUIDField(primary_key=True)  # of the journal
    kind = models.CharField(max_length=8, choices=Kind.choices)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    unit_id = models.BigIntegerField(null=True)
    category_id = models.BigIntegerField()
    lat = models.FloatField(null=True)  # as the public sees it
    lon = models.FloatField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(kind="listed"), name="news_listed_once")
        ]
        indexes = [models.Index(fields=["at"], name="news_at")]


class Digest(models.Model):
    """The news of a day, told in one notice: how far the telling has come, so that it goes on after a crash."""

    day = models.DateField(primary_key=True)
    entry_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    told_up_to = models.UUIDField(null=True)  # the last person told
    done_at = models.DateTimeField(null=True)


class Confirmation(models.Model):
    """Somebody's word, after a result was published, on whether it is really fixed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    round = models.SmallIntegerField()  # Case.reopened at that time: each result is judged afresh
    fixed = models.BooleanField()
    own = models.BooleanField()  # one of those who had reported it
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person", "round"], name="confirmation_once")]


class CheckBack(models.Model):
    """Those who reported a case were asked, weeks later, whether it is still fixed. Once for each case."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="+")
    published_at = models.DateTimeField(db_index=True)  # the result that was asked about
    asked_at = models.DateTimeField()
    asked = models.SmallIntegerField()  # how many people


class Thanks(models.Model):
    """A few kind words to those who handled a case. The agency reads them; the public sees how many there are."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    body = models.CharField(max_length=280, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="thanks_once")]
