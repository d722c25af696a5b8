"""What the operators' console keeps beside the cases: who is looking at what, what waits, what was put aside, what is handed on."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.city.models import Agency
from hues.kernel.ids import new_id
from hues.people.models import User


class Lease(models.Model):
    """An operator has a case before them. Renewed while the page is open, over by itself a minute after it is not."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="lease")
    operator = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    ahead = models.BooleanField(default=False)  # fetched ahead as the next one: nobody reads it yet

    class Meta:
        indexes = [models.Index(fields=["until"], name="lease_until")]


class Hold(models.Model):
    """A case put aside until a moment, with the reason. Its clock runs on; it comes back by itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holds", db_index=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    wake_at = models.DateTimeField()
    woken_at = models.DateTimeField(null=True)  # whoever put it aside was told
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(ended_at=None), name="hold_once"),
        ]
        indexes = [models.Index(fields=["wake_at"], name="hold_wake", condition=models.Q(ended_at=None, woken_at=None))]


class Bulk(models.Model):
    """A decision for one case or many. Until `due_at` nothing was done and nobody was told: taking it back leaves no trace but in the journal."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        UNDONE = "undone"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=16)
    data = models.JSONField(default=dict)  # what was entered; its texts only until it ended
    # Of one case alone: what will be so, to whoever decided.
    said = models.CharField(max_length=200, default="", db_default="", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="bulk_due", condition=models.Q(state="waiting"))]

    @property
    def alone(self) -> bool:
        """One decision on one case; the others are taken on many cases at once."""
        return bool(self.said)


class BulkItem(models.Model):
    """A case of a bulk decision, and what became of it. Changed in the transaction that takes the step: exactly once."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        UNDONE = "undone"

    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bulk_items")
    version = models.IntegerField()  # of the case as the operator saw it
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    said = models.CharField(max_length=500, default="", blank=True)  # why it failed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bulk", "case"], name="bulk_case"),
            models.UniqueConstraint(fields=["case"], condition=models.Q(state="waiting"), name="bulk_once"),
        ]


class SavedFilter(models.Model):
    """A view of the work that an operator comes back to: their own, or everybody's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)  # as hues.console.sieve reads it
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_name")]


class Reply(models.Model):
    """A canned reply that an operator wrote; with gaps that the case fills. Every version of a shared one is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    verb = models.CharField(max_length=16)  # reject, redirect, ask
    choice = models.CharField(max_length=32, default="", blank=True)  # the reason or target that goes with it
    title = models.CharField(max_length=80)
    body = models.TextField()
    language = models.CharField(max_length=8, default="vi")
    version = models.IntegerField(default=1)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "title"], condition=models.Q(ended_at=None), name="reply_title")
        ]


class ReplyVersion(models.Model):
    """What a reply said, and who wrote it so."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="versions")
    version = models.IntegerField()
    title = models.CharField(max_length=80)
    body = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "version"], name="reply_version")]


class Untouched(models.Model):
    """Something that nobody has touched for too long, or that fell between two rooms. Noticed once, gone when somebody acts."""

    class Kind(models.TextChoices):
        STILL = "still", _("Nobody has touched it for too long")
        HELD = "held", _("Put aside and not taken up again")
        SILENT = "silent", _("Waits for an answer that does not come")
        TIMER = "timer", _("Something that should have happened by itself did not")
        DESERTED = "deserted", _("The agency has nobody with an account")
        UNTAKEN = "untaken", _("Handed over, and nobody has taken it")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="untouched")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.CASCADE, related_name="+")  # of what it has: all
    handover = models.ForeignKey("Handover", null=True, on_delete=models.CASCADE, related_name="+")
    cases = models.IntegerField(default=1)  # how many cases it is about
    priority = models.SmallIntegerField(default=3)
    since = models.DateTimeField()  # when it was touched last
    noticed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # when the shift lead was told
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=models.Q(ended_at=None, case__isnull=False), name="untouched_case"
            ),
            models.UniqueConstraint(
                fields=["agency", "kind"], condition=models.Q(ended_at=None, case=None), name="untouched_agency"
            ),
            models.UniqueConstraint(fields=["handover"], condition=models.Q(ended_at=None), name="untouched_handover"),
        ]
        indexes = [
            models.Index(fields=["priority", "since", "id"], name="untouched_now", condition=models.Q(ended_at=None))
        ]


class Handover(models.Model):
    """What one shift tells the next: a word, and the threads that are open, point by point."""

    class State(models.TextChoices):
        DRAFT = "draft"
        GIVEN = "given"
        TAKEN = "taken"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shift_id = models.CharField(max_length=40, default="", blank=True)  # of the roster, where there is one
    shift_name = models.CharField(max_length=120, default="", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    words = models.TextField(default="", blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by"], condition=models.Q(state="draft"), name="handover_draft")]
        indexes = [models.Index(fields=["-at"], name="handover_recent")]


class HandoverPoint(models.Model):
    """One open thread. Whoever comes says of each that they have it."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=16)  # hold, untouched, task, call, incident, note: which room's it is
    ref = models.CharField(max_length=64)
    label = models.CharField(max_length=200)
    url = models.CharField(max_length=200, default="", blank=True)
    note = models.CharField(max_length=500, default="", blank=True)
    due_at = models.DateTimeField(null=True)
    left_out = models.BooleanField(default=False)  # whoever writes it says that it need not be handed on
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handover", "kind", "ref"], name="handover_point")]
