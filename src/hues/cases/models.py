"""The case: one envelope for whatever happens in the city, whichever channel brought it."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from hues.city.assets.near import shown
from hues.city.models import Agency, Category, Unit
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile
from hues.people.models import User


class ProcessDefinition(models.Model):
    """A version of a process: data from the city pack, never changed once stored. A case pins the version it started with."""

    code = models.CharField(max_length=32)
    version = models.IntegerField()
    definition = models.TextField()  # JSON in the order of the pack's file: of steps and of their fields on the desk
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="process_version")]


class Outcome(models.TextChoices):
    """How it ended (DOMAIN §3.2). Only the first two count as resolved."""

    FIXED = "fixed_with_evidence", _("Fixed, with a photo")
    ENFORCED = "enforcement_done", _("Violation dealt with")
    TEMPORARY = "temporary_fix", _("Temporary fix")
    PLANNED = "planned_with_date", _("Planned for a date")
    NO_VIOLATION = "no_violation_found", _("Inspected, no violation found")
    NOT_OURS = "not_our_jurisdiction", _("Belongs to another body")
    EXPLAINED = "explained_with_legal_ground", _("Explained on a legal ground")
    DUPLICATE = "duplicate", _("Answered with another report")


# What everyone may see. Restricted cases are never listed; before moderation nothing is.
LISTED_VISIBILITIES = ["public", "masked"]
LISTED = models.Q(moderated=True, visibility__in=LISTED_VISIBILITIES)
RESOLVED = (Outcome.FIXED, Outcome.ENFORCED)


class Rating(models.TextChoices):
    SATISFIED = "satisfied", _("Satisfied")
    ACCEPTS = "accepts", _("Accepts")
    NOT_SATISFIED = "not_satisfied", _("Not satisfied")


GIVEN_BY = "order:"  # `Case.source` of an order: which office gave it


def source_of_office(agency_id: int) -> str:
    return f"{GIVEN_BY}{agency_id}"


def office_of(case: "Case") -> int | None:
    """The office that gave an order; None for everything else."""
    given = case.source.removeprefix(GIVEN_BY)
    return int(given) if case.source.startswith(GIVEN_BY) and given.isdigit() else None


_ON_MAP = ("code", "category", "unit", "state", "is_open")


class Case(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, unique=True)
    version = models.IntegerField(default=1)  # raised by every write; a form that read an older one is told so
    channel = models.CharField(max_length=16)  # web, api, open311, hotline, import, …
    is_sample = models.BooleanField(default=False)

    process = models.ForeignKey(ProcessDefinition, on_delete=models.PROTECT, related_name="+", db_index=False)
    group = models.CharField(max_length=16, choices=Category.Group.choices)
    state = models.CharField(max_length=32)
    phase = models.CharField(max_length=16)  # intake, handling, checking, done: of the state, kept for lists and counts
    is_open = models.BooleanField(default=True)  # as the public understands it
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_approximate = models.BooleanField(default=False)
    agency = models.ForeignKey(  # who handles it now
        Agency, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    officer = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    priority = models.SmallIntegerField()
    visibility = models.CharField(max_length=16, choices=Category.Visibility.choices)
    moderated = models.BooleanField(default=False)  # the centre has let it be seen in public

    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    anonymous = models.BooleanField(default=True)  # the pseudonym is hidden in public too
    erased_at = models.DateTimeField(null=True)  # when its reporter left and took their name with them
    body = models.TextField()
    language = models.CharField(max_length=8, default="vi")
    answers = models.JSONField(default=dict)  # to the category's extra questions
    address = models.TextField(default="", blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    place_source = models.CharField(max_length=16, default="", blank=True)  # photo, device, map, address
    asset = models.CharField(
        max_length=40, default="", db_default="", blank=True
    )  # what is written on it: a lamp's number

    # What the public sees, written by moderation; a masked case has its point and address moved to the street.
    public_body = models.TextField(default="", blank=True)
    public_address = models.TextField(default="", blank=True)
    public_lat = models.FloatField(null=True)
    public_lon = models.FloatField(null=True)

    received_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    first_read_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    # Clocks. `due_at` is what counts now (triage, then handling); NULL while paused or done.
    due_at = models.DateTimeField(null=True)
    due_original_at = models.DateTimeField(null=True)  # of handling, before any extension
    due_final_at = models.DateTimeField(null=True)  # of handling, with approved extensions and pauses
    clock = models.JSONField(default=dict)  # hues.cases.clocks.Clock, {} where none was started
    wake_on = models.DateField(null=True)  # promised date of `planned_with_date`

    answer = models.TextField(default="", blank=True)  # what the citizen reads
    legal_ground = models.TextField(default="", blank=True)
    outcome = models.CharField(max_length=32, choices=Outcome.choices, default="", blank=True)
    reject_reason = models.CharField(max_length=32, default="", blank=True)
    redirected_to = models.CharField(max_length=32, default="", blank=True)
    parent = models.ForeignKey(  # merged into
        "self", null=True, on_delete=models.SET_NULL, related_name="merged", db_index=False
    )
    merged_count = models.SmallIntegerField(default=0)  # reports merged into this one
    support_count = models.IntegerField(default=0, db_default=0)  # people who said "me too" (CaseSupport)
    origin = models.ForeignKey(  # what it remains of
        "self", null=True, on_delete=models.SET_NULL, related_name="follow_ups", db_index=False
    )
    pending = models.JSONField(
        default=dict
    )  # what waits for somebody, by the step that asked: a question, an extension, …
    hops = models.SmallIntegerField(default=0)  # times returned to the centre
    reopened = models.SmallIntegerField(default=0)
    rating = models.CharField(max_length=16, choices=Rating.choices, default="", blank=True)
    rating_reason = models.TextField(default="", blank=True)
    rated_at = models.DateTimeField(null=True)

    source = models.CharField(max_length=32, default="", blank=True)  # of an imported case: which system …
    source_id = models.CharField(max_length=64, default="", blank=True)  # … and its number there
    source_data = models.JSONField(default=dict)

    # `folded` and `search` are generated columns made in the migration: vn_fold(body, address, code) and its tsvector.

    class Meta:
        # Foreign keys have no index of their own where one below begins with them: each costs every insert.
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~models.Q(source=""), name="case_source_once"
            ),
            models.CheckConstraint(condition=models.Q(hops__lte=2), name="case_hops"),
            models.CheckConstraint(condition=models.Q(reopened__lte=2), name="case_reopened"),
            models.CheckConstraint(
                condition=models.Q(lat__isnull=True, lon__isnull=True)
                | models.Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
                name="case_point",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "due_at", "id"], name="case_inbox", condition=models.Q(is_open=True)),
            models.Index(fields=["agency", "-received_at"], name="case_agency_recent"),
            models.Index(fields=["state", "due_at", "id"], name="case_queue", condition=models.Q(is_open=True)),
            models.Index(fields=["due_at", "id"], name="case_due", condition=models.Q(is_open=True)),
            # What the centre has not decided on yet: the most urgent first, of those the oldest.
            models.Index(
                fields=["priority", "received_at", "id"],
                name="case_intake",
                condition=models.Q(is_open=True, phase="intake"),
            ),
            models.Index(fields=["officer", "due_at", "id"], name="case_officer", condition=models.Q(is_open=True)),
            models.Index(fields=["reporter", "-received_at"], name="case_mine"),
            models.Index(fields=["-received_at", "-id"], name="case_recent"),
            # Lists, and with what they include the map of the last days and of a place, without visiting the rows.
            models.Index(
                fields=["-received_at", "-id"],
                name="case_public_recent",
                condition=LISTED,
                include=[*_ON_MAP, "public_lat", "public_lon"],
            ),
            models.Index(
                fields=["public_lat", "public_lon"],
                name="case_public_place",
                condition=LISTED,
                include=[*_ON_MAP, "received_at"],
            ),
            # What else is open around a place, for staff: it may be the same.
            models.Index(fields=["lat", "lon"], name="case_open_place", condition=models.Q(is_open=True)),
            models.Index(fields=["is_open", "-received_at", "-id"], name="case_public_open", condition=LISTED),
            models.Index(fields=["unit", "-received_at", "-id"], name="case_public_unit", condition=LISTED),
            models.Index(fields=["category", "-received_at", "-id"], name="case_public_category", condition=LISTED),
            models.Index(
                fields=["due_at", "id"],
                name="case_unhappy",
                condition=models.Q(state="published", rating="not_satisfied"),
            ),
            models.Index(
                fields=["-published_at"], name="case_published", condition=models.Q(published_at__isnull=False)
            ),
            # What was fixed around a place: does it break again?
            models.Index(
                fields=["category", "lat"],
                name="case_fixed_place",
                condition=models.Q(published_at__isnull=False, lat__isnull=False),
            ),
            models.Index(fields=["parent"], name="case_parent", condition=models.Q(parent__isnull=False)),
            models.Index(fields=["asset", "-received_at"], name="case_asset", condition=~models.Q(asset="")),
            models.Index(fields=["origin"], name="case_origin", condition=models.Q(origin__isnull=False)),
        ]

    @property
    def asset_shown(self) -> str:
        """The thing it is about in the reader's words ("Cột đèn NH-0231"), or as it was written."""
        return shown(self.asset)

    @property
    def written_at(self) -> datetime | None:
        """When the sender wrote it, where that was well before it arrived: it had to wait for a network."""
        at = self.source_data.get("written_at")
        return datetime.fromisoformat(at) if at else None

    @property
    def same_as(self) -> str:
        """The code of the case that its sender meant as well, where it was kept apart (`joining`); else ""."""
        return str(self.source_data.get("same_as", ""))


class CaseFile(models.Model):
    """A photo or document of a case: before (the reporter's), after (the agency's evidence), note (internal)."""

    class Role(models.TextChoices):
        BEFORE = "before"
        AFTER = "after"
        MESSAGE = "message"
        NOTE = "note"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="case_file")
    role = models.CharField(max_length=8, choices=Role.choices)
    public = models.BooleanField(default=False)
    caption = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField()
    added_by_kind = models.CharField(max_length=8)


class CaseSupport(models.Model):
    """Somebody has the same trouble as an open public case: counts once, and hears its news."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="supports", db_index=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    via = models.ForeignKey(  # came with this case, which was merged into it
        Case, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="support_once")]


class CaseMessage(models.Model):
    """Talk through the case: with the citizen (party), or a note among staff. Never carries who the citizen is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    audience = models.CharField(max_length=8)  # party (citizen and staff), staff (note)
    author_kind = models.CharField(max_length=8)
    author_id = models.UUIDField(null=True)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="message_case")]


class CaseTimer(models.Model):
    """Something that will happen by itself: a reminder, an escalation, an auto-close, a wake-up. Fires once.

    Only changed while the case is locked. `data` holds what to do: {"step": …} or {"to": [rungs], "texts": {…}}.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=32)  # remind-50, remind-80, escalate-100, escalate-150, auto-close, wake, …
    fire_at = models.DateTimeField()
    serial = models.IntegerField()  # version of the case that set it: a later series replaces what has not fired
    data = models.JSONField(default=dict)
    fired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "serial"], name="timer_once")]
        indexes = [models.Index(fields=["fire_at"], name="timer_next", condition=models.Q(fired_at__isnull=True))]


class Promise(models.Model):
    """A day for which an agency promised to do it (`planned_with_date`), and what became of the promise.

    Kept: resolved by the end of the day. Broken: the day passed first (`done_at` says when it was resolved after all).
    Dropped: answered otherwise before the day. Void: the case was merged into another, which is then the one to count.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To come")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        DROPPED = "dropped", _("Answered otherwise")
        VOID = "void", _("Void")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="promises")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    first_on = models.DateField()
    on = models.DateField()
    ends_at = models.DateTimeField()  # the end of the promised day in the city
    moves = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)  # NULL once reminded
    settled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)  # the answer that resolved it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(state="open"), name="promise_open_once")
        ]
        indexes = [
            models.Index(fields=["agency", "ends_at", "id"], name="promise_agency"),
            models.Index(fields=["ends_at", "id"], name="promise_day"),
            models.Index(fields=["ends_at"], name="promise_open_day", condition=models.Q(state="open")),
            models.Index(fields=["remind_at"], name="promise_remind", condition=models.Q(remind_at__isnull=False)),
        ]


class Recurrence(models.Model):
    """The same trouble at the same place within the city's time of a recurrence after it was answered as done."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="recurrence")
    earlier = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="recurrences")
    days = models.SmallIntegerField()  # since the result was published
    metres = models.IntegerField(null=True)  # NULL: the same thing by what is written on it
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-received_at"], name="recurrence_recent")]


class CauseLink(models.Model):
    """One report of many that have one cause: the case in which the cause is dealt with."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="cause_link")
    cause = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="effects")
    at = models.DateTimeField()


class StandIn(models.Model):
    """A head is away: somebody of the agency decides in their place for some days. The role itself is a membership of those days."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    head = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    first = models.DateField()
    last = models.DateField()  # inclusive
    reason = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # called back early

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="stand_in_days")]
        indexes = [models.Index(fields=["deputy", "last"], name="stand_in_deputy")]
