"""What people are told (one row per person and journal entry, so that it can never come twice), how each of it left the
house, and what each person wants."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
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


class Channel(models.TextChoices):
    """Besides the inbox, in the order in which they are tried."""

    PUSH = "push"
    MAIL = "mail"
    SMS = "sms"


class Delivery(models.Model):
    """A notice on its way through one channel: the queue of the senders and the log of what left the house.

    Its id is the message's id towards providers (idempotency key, Message-ID), the same in every try.
    """

    class State(models.TextChoices):
        QUEUED = (
            "queued"  # waits until `due_at`; while a sender has it in hand, `due_at` is when others may take it over
        )
        SENT = "sent"  # a provider took it
        DELIVERED = "delivered"  # the provider says that it arrived
        FAILED = "failed"  # for good; `reason` says why
        SUPPRESSED = "suppressed"  # not sent on purpose; `reason` says why

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=4, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=64, default="", blank=True)
    provider = models.CharField(max_length=32, default="", blank=True)
    tries = models.SmallIntegerField(default=0)
    parts = models.SmallIntegerField(default=0)  # text messages: how many are charged; push: how many devices took it
    reached = ArrayField(
        models.UUIDField(), default=list, blank=True
    )  # devices that have it, when others must be tried again
    due_at = models.DateTimeField()
    at = models.DateTimeField()  # of its last change

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once")]
        indexes = [
            models.Index(fields=["channel", "due_at"], condition=models.Q(state="queued"), name="delivery_queue"),
            models.Index(fields=["-id"], condition=models.Q(state="failed"), name="delivery_failed"),
        ]


class MessagePart(models.Model):
    """A text message as the provider numbers it, for the receipt that comes later (or was here first)."""

    provider = models.CharField(max_length=32)
    number = models.CharField(max_length=64)  # the provider's id of this part
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.CASCADE, related_name="message_parts")
    state = models.CharField(max_length=10, default="", blank=True)  # "", delivered, failed
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "number"], name="message_part_once")]
        indexes = [models.Index(fields=["at"], name="message_part_age")]


class Preferences(models.Model):
    """What somebody chose; without a row, the city's way (hues.notifications.wishes)."""

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="notice_preferences")
    channels = models.JSONField(default=dict)  # {kind: {channel: bool}}; what is not there is as the city does it
    quiet = models.BooleanField(default=True)
    quiet_from = models.TimeField(default=time(22, 0))  # of the city's clock
    quiet_until = models.TimeField(default=time(6, 30))
    plain_sms = models.BooleanField(default=True)  # text messages without diacritics: shorter, readable everywhere
    updated_at = models.DateTimeField()


class PushSubscription(models.Model):
    """A browser that shows notices (RFC 8030 push resource, with the keys of RFC 8291)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    session = models.CharField(max_length=40, default="", blank=True)  # signing out of it ends the subscription
    endpoint = models.TextField()
    endpoint_hash = models.CharField(max_length=64, unique=True)  # a browser belongs to who used it last
    public_key = models.BinaryField()  # p256dh, an uncompressed point (65 bytes)
    auth = models.BinaryField()  # 16 bytes
    device = models.CharField(max_length=120, default="", blank=True)  # "Chrome · Android"
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)  # when its push service last took something

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="push_person"),
            models.Index(fields=["session"], name="push_session"),
        ]


class RemovedDevice(models.Model):
    """A browser that its person took off the list from another one: it hears of it when it next says that it still shows notices."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    endpoint_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "endpoint_hash"], name="removed_device_once")]


class MailAddress(models.Model):
    """A citizen's e-mail address, sealed in the vault's way; another one waits beside it until its code is typed."""

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="mail_address")
    key_id = models.CharField(max_length=16)
    sealed = models.BinaryField(default=b"")  # confirmed; empty until then
    confirmed_at = models.DateTimeField(null=True)
    waiting = models.BinaryField(default=b"")
    code_id = models.UUIDField(null=True)  # the code is derived from it (hues.people.codes)
    code_until = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["key_id", "person"], name="mail_key")]


class SandboxMail(models.Model):
    """A mail that the sandbox provider kept instead of sending. Only ever written where HUES_SANDBOX=1."""

    id = models.UUIDField(primary_key=True, editable=False)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    at = models.DateTimeField()
