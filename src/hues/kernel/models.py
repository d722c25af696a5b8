"""Tables that every room may use: the journal and its outbox, the log, files, idempotency keys, rate counters."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hues.kernel.ids import new_id


class JournalEntry(models.Model):
    """One change of anything. Append-only: the database refuses UPDATE and DELETE (a trigger in the first migration).

    `parts` holds what changed, by who may see it: {"public": {…}, "party": {…}, "staff": {…}, "centre": {…}, "audit":
    {…}}. `topics` says which live streams are touched ("case:<id>", "agency:<id>", "person:<id>", "centre", "public").
    A trigger writes the entry's id to the outbox in the same transaction.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    parts = models.JSONField(default=dict)
    topics = ArrayField(models.TextField(), default=list)
    salt = models.BinaryField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["subject_id", "id"], name="journal_subject")]


class Outbox(models.Model):
    """Entries that the relay has not yet placed in the log. `xid` is the writing transaction."""

    entry_id = models.UUIDField(primary_key=True)


class LogLeaf(models.Model):
    """The place of an entry in the Merkle log (RFC 6962): only a salted hash."""

    place = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    leaf_hash = models.BinaryField(max_length=32)


class LogNode(models.Model):
    """Complete inner nodes of the tree: level 0 are leaves; node (l, i) covers places [i·2^l, (i+1)·2^l)."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="lognode_once")]


class LogCheckpoint(models.Model):
    """A signed tree head in C2SP's checkpoint format."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    note = models.TextField()


class StoredFile(models.Model):
    """A photo or a video in the store, always re-encoded by us. Variants ("full", "medium", "thumb"; of a video they are
    its still, and "clip" is the film) are derived and named by the id.

    What the public sees is masked: faces and number plates are hidden. `found` says where: {"version": 2, "regions":
    [{"kind": "face", "box": [left, top, width, height]}]} with shares of the picture (0 … 1); version 0 or none: there
    was nothing to hide. With "failed" it says why: {"problem": "too-long"}.
    """

    class Masking(models.TextChoices):
        WAITING = "waiting"  # nobody but its sender and those who handle it sees it yet
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    owner_id = models.UUIDField(null=True)  # the person who uploaded; NULL for a guest
    draft_key = models.CharField(max_length=64, default="", blank=True)  # the guest's draft that may use it
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    upload_sha256 = models.CharField(max_length=64)  # of what was sent: recognises the same upload again
    phash = models.BigIntegerField(null=True)  # perceptual hash, for duplicates
    masking = models.CharField(
        max_length=8, choices=Masking.choices, default=Masking.WAITING, db_default=Masking.WAITING.value
    )
    found = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    duration_s = models.FloatField(null=True)  # of a video; NULL where its head did not say, until it is re-encoded
    alt = models.CharField(
        max_length=200, default="", blank=True, db_default=""
    )  # what it shows, in the sender's words

    class Meta:
        indexes = [
            models.Index(fields=["upload_sha256"], name="file_upload"),
            models.Index(fields=["at"], name="file_waiting", condition=models.Q(masking="waiting")),
        ]

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")

    @property
    def mask_version(self) -> int:
        return int(self.found.get("version", 0))


class IdempotencyKey(models.Model):
    """The first answer to a request that a network may repeat. `scope` is who and which door."""

    scope = models.CharField(max_length=128)
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["at"], name="idempotency_at")]


class RateCounter(models.Model):
    """Uses of one thing in the current window (hues.kernel.limits). Unlogged: forgotten in a crash, never waits for the
    disk."""

    key = models.CharField(max_length=200, primary_key=True)
    used = models.IntegerField()
    until = models.DateTimeField(db_index=True)


class RelayPosition(models.Model):
    """How far the relay has carried the log to one reader ("nats", or a follower's name): the next place to give."""

    reader = models.CharField(max_length=64, primary_key=True)
    place = models.BigIntegerField()


class ParkedEntry(models.Model):
    """An entry that a follower failed on. The log goes on without it; it is tried again, later and later, until it
    succeeds."""

    reader = models.CharField(max_length=64)
    entry_id = models.UUIDField()
    tries = models.IntegerField(default=1)
    next_at = models.DateTimeField(db_index=True)
    error = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "entry_id"], name="parked_once")]
