"""Calls, what is linked to them, who answers them, and what is told to callers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.city.models import Unit
from hues.kernel.ids import new_id
from hues.people.models import User


def _person() -> "models.ForeignKey[User | None, User | None]":
    return models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")


class Call(models.Model):
    """One telephone call: what its events say when they are put in the order of their own times (`fold`), and what the
    desk wrote to it. The number is sealed by the vault; `number_lookup` finds other calls of the same number.
    """

    class Direction(models.TextChoices):
        IN = "in", _("Incoming")
        OUT = "out", _("Outgoing")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TALKING = "talking", _("Talking")
        HELD = "held", _("On hold")
        ENDED = "ended", _("Ended")

    class Result(models.TextChoices):
        ANSWERED = "answered", _("Somebody answered")
        LOST = "lost", _("Not answered")

    class Consent(models.TextChoices):
        UNKNOWN = "", _("Not asked")
        GIVEN = "given", _("Agreed")
        REFUSED = "refused", _("Refused")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, unique=True)  # as people say it: CG-7K3MQ2
    source = models.CharField(max_length=32)  # which telephone system; "desk": written down by hand
    source_id = models.CharField(max_length=128)  # its number there
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.IN)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    result = models.CharField(max_length=8, choices=Result.choices, default="", blank=True)
    queue = models.CharField(max_length=64, default="", blank=True)
    language = models.CharField(max_length=8, default="vi")

    rang_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    close_at = models.DateTimeField(null=True)  # it ends by itself then, unless something more is heard of it
    closed_itself = models.BooleanField(default=False)  # no hangup came: its length says nothing
    wait_s = models.IntegerField(default=0)
    talk_s = models.IntegerField(default=0)  # without hold
    hold_s = models.IntegerField(default=0)
    wrap_s = models.IntegerField(default=0)
    fast = models.BooleanField(default=False)  # answered within the pack's seconds
    early = models.BooleanField(default=False)  # given up within the pack's first seconds
    local_day = models.DateField()  # of `rang_at` in the city, for the figures
    local_hour = models.SmallIntegerField()

    extension = models.CharField(max_length=32, default="", blank=True)  # the telephone that rings or answered
    operator = _person()
    sealed_number = models.BinaryField(default=b"")  # empty where it was withheld
    number_lookup = models.CharField(max_length=64, default="", blank=True)
    number_end = models.CharField(max_length=4, default="", blank=True)
    person = _person()  # who confirmed this call with the code sent to their own telephone; never by the number alone
    consent = models.CharField(max_length=8, choices=Consent.choices, default=Consent.UNKNOWN, blank=True)

    case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    callback = models.ForeignKey("CallBack", null=True, on_delete=models.SET_NULL, related_name="calls")
    wrap_code = models.CharField(max_length=32, default="", blank=True)
    wrapped_at = models.DateTimeField(null=True)
    notes = models.TextField(default="", blank=True)
    known = models.BooleanField(default=False)  # it had a number, for the figures: they outlive the number itself
    called_again = models.BooleanField(default=False)  # the same number, within the pack's days after this answer
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="call_source_once")]
        indexes = [
            models.Index(fields=["rang_at"], name="call_open", condition=~models.Q(state="ended")),
            models.Index(fields=["close_at"], name="call_close", condition=models.Q(close_at__isnull=False)),
            models.Index(fields=["-rang_at", "-id"], name="call_recent"),
            models.Index(fields=["operator", "-rang_at", "-id"], name="call_operator"),
            models.Index(
                fields=["number_lookup", "-rang_at"], name="call_number", condition=~models.Q(number_lookup="")
            ),
            models.Index(
                fields=["operator", "ended_at"],
                name="call_unwrapped",
                condition=models.Q(state="ended", result="answered", wrap_code=""),
            ),
            models.Index(fields=["person"], name="call_person", condition=models.Q(person__isnull=False)),
        ]

    @property
    def withheld(self) -> bool:
        return not self.number_end

    @property
    def is_open(self) -> bool:
        return self.state != self.State.ENDED


class CallEvent(models.Model):
    """Something a telephone system said of a call, once for each of its ids. The call is folded anew from all of them.

    What may be known of somebody (the number) is sealed beside it; `data` holds nothing personal.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    source = models.CharField(max_length=32)
    event_id = models.CharField(max_length=128)
    kind = models.CharField(max_length=16)
    at = models.DateTimeField()  # when it happened, by the source's clock
    received_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    sealed_number = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="call_event_once")]


class CallLink(models.Model):
    """A case that a call is about: filed from it, or told of in it."""

    class Kind(models.TextChoices):
        FILED = "filed", _("Report from this call")
        SAME = "same", _("Has it too")
        ABOUT = "about", _("Asked about it")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="links")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="call_links")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by = _person()
    at = models.DateTimeField()
    tell = models.BooleanField(default=False)  # the caller wants the code by text message
    told_at = models.DateTimeField(null=True)
    link_hash = models.CharField(max_length=64, default="", blank=True)  # of the short link in that message

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "case"], name="call_link_once")]
        indexes = [models.Index(fields=["link_hash"], name="call_link_hash", condition=~models.Q(link_hash=""))]


class Seat(models.Model):
    """Somebody at the desk: which telephone is theirs, and whether they take calls. That they talk, or have still to
    wrap a call up, is not kept here: the calls say it.
    """

    class Chosen(models.TextChoices):
        AVAILABLE = "available", _("Available")
        BREAK = "break", _("On a break")
        AWAY = "away", _("Not at the desk")

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    chosen = models.CharField(max_length=12, choices=Chosen.choices, default=Chosen.AWAY)
    extension = models.CharField(max_length=32, default="", blank=True)
    since = models.DateTimeField()
    seated_at = models.DateTimeField()  # when they took this telephone: calls before it were somebody else's
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["extension"], condition=~models.Q(extension=""), name="seat_extension")
        ]


class CallBack(models.Model):
    """Somebody is to be called: a call we missed, one we promised, or one we want to make (quality, a question).

    `person` is the reporter of a case: their number stays in the vault and goes to the telephone system alone.
    """

    class Reason(models.TextChoices):
        MISSED = "missed", _("We missed their call")
        PROMISED = "promised", _("We promised to call")
        QUALITY = "quality", _("Is the result good?")
        QUESTION = "question", _("A question to the sender")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Reached")
        GIVEN_UP = "given_up", _("No longer tried")
        WITHDRAWN = "withdrawn", _("Not needed any more")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    call = models.ForeignKey(Call, null=True, on_delete=models.CASCADE, related_name="callbacks")  # that it answers
    case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+")
    person = _person()
    sealed_number = models.BinaryField(default=b"")
    number_lookup = models.CharField(max_length=64, default="", blank=True)
    number_end = models.CharField(max_length=4, default="", blank=True)
    promise_at = models.DateTimeField()  # by when
    next_at = models.DateTimeField()  # when to try (again)
    words = models.TextField(default="", blank=True)
    tries = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = _person()
    taken_by = _person()  # who is calling them just now
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = _person()
    kept = models.BooleanField(null=True)  # ended as reached, in time
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=models.Q(reason="missed"), name="callback_missed_once"),
        ]
        indexes = [
            models.Index(fields=["promise_at", "id"], name="callback_open", condition=models.Q(state="open")),
            models.Index(
                fields=["number_lookup"],
                name="callback_number",
                condition=models.Q(state="open") & ~models.Q(number_lookup=""),
            ),
            models.Index(fields=["made_at"], name="callback_made", include=["state", "reason", "kept"]),
            models.Index(fields=["-ended_at", "-id"], name="callback_ended", condition=~models.Q(state="open")),
        ]


class CallBackTry(models.Model):
    """One attempt, with what came of it."""

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Busy")
        WRONG = "wrong", _("Wrong number")
        FAILED = "failed", _("The telephone system did not place it")

    callback = models.ForeignKey(CallBack, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    by = _person()
    call = models.ForeignKey(Call, null=True, on_delete=models.SET_NULL, related_name="+")
    result = models.CharField(max_length=12, choices=Result.choices)
    note = models.CharField(max_length=300, default="", blank=True)


class Recording(models.Model):
    """The sound of a call, or its words as a machine wrote them down. Kept only where the caller agreed, sealed, for the
    pack's days unless it is held; opened only for a reason (RecordingAccess).
    """

    class Kind(models.TextChoices):
        SOUND = "sound"
        TRANSCRIPT = "transcript"

    class State(models.TextChoices):
        WAITING = "waiting"  # to be fetched
        STORED = "stored"
        REFUSED = "refused"  # no consent: nothing was kept
        FAILED = "failed"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    fetch_url = models.TextField(default="", blank=True)  # until it is fetched
    media_type = models.CharField(max_length=32, default="", blank=True)
    size = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)
    sealed_text = models.BinaryField(default=b"")
    made_at = models.DateTimeField()
    delete_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    held_for = models.CharField(max_length=300, default="", blank=True)
    held_by = _person()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["delete_at"], name="recording_due", condition=models.Q(state__in=["stored", "waiting"])
            )
        ]


class RecordingAccess(models.Model):
    """That somebody opened what was said in a call, and why. Lasts a quarter of an hour; the log of it stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="accesses")
    by = _person()
    ground = models.CharField(max_length=16)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="recording_access_recent")]

    @property
    def ground_text(self) -> str:
        from hues.hotline.grounds import GROUNDS

        return str(GROUNDS.get(self.ground, self.ground))


class Surge(models.Model):
    """That more people call than can be answered: switched on and off by a lead, one at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reason = models.CharField(max_length=300)
    on_at = models.DateTimeField()
    on_by = _person()
    off_at = models.DateTimeField(null=True)
    off_by = _person()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["off_at"], nulls_distinct=False, condition=models.Q(off_at=None), name="surge_one"
            )
        ]


class Announcement(models.Model):
    """What callers of an area are told before somebody answers. A new text is a new version; the old one stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")  # NULL: the whole city
    version = models.IntegerField()
    texts = models.JSONField()  # {"vi": …, "en": …}
    written_at = models.DateTimeField()
    written_by = _person()
    ends_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "version"], nulls_distinct=False, name="announcement_version")
        ]


class AnnouncementSound(models.Model):
    """An announcement as the voice menu plays it: WAV of 8 kHz, 16 bit, one channel. Without one the text is read aloud."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="sounds")
    language = models.CharField(max_length=8)
    seconds = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = _person()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "language"], name="announcement_sound_once")]

    @property
    def name(self) -> str:
        """In the storage."""
        return f"announcements/{self.pk}.wav"


class CallTally(models.Model):
    """Ended calls of an hour, added up by a trigger of the calls' table whenever a row comes, changes or goes."""

    day = models.DateField()
    hour = models.SmallIntegerField()
    direction = models.CharField(max_length=3)
    code = models.CharField(max_length=32)  # of wrap-up; "" where none was given
    calls = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    fast = models.IntegerField(default=0)
    early = models.IntegerField(default=0)  # given up by the caller within the pack's first seconds
    wait_s = models.BigIntegerField(default=0)  # of answered calls
    handle_s = models.BigIntegerField(default=0)  # of answered calls whose end is known: talk, hold and wrap-up
    timed = models.IntegerField(default=0)  # how many these are
    known = models.IntegerField(default=0)  # answered, with a number
    again = models.IntegerField(default=0)  # … that called again soon

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "hour", "direction", "code"], name="call_tally_once")]
