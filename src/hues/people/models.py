"""Accounts, roles, the identity vault, one-time codes, sessions, API keys."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext as _

from hues.city.models import Agency
from hues.kernel.ids import new_id


class User(AbstractBaseUser):
    """An account. Of a citizen it knows a pseudonym and nothing else: phone and name are in the vault."""

    class Kind(models.TextChoices):
        CITIZEN = "citizen"
        STAFF = "staff"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    username = models.CharField(
        max_length=64, unique=True
    )  # staff: what they type; citizen: the random part of the pseudonym
    display_name = models.CharField(max_length=120, default="", blank=True)  # staff only
    email = models.EmailField(default="", blank=True)  # staff only
    language = models.CharField(max_length=8, default="vi")
    is_active = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    is_staff = False  # there is no Django admin
    is_superuser = False

    class Meta:
        indexes = [models.Index(fields=["-id"], condition=models.Q(kind="staff"), name="user_staff")]

    @property
    def name(self) -> str:
        """As others see it, in the active language: a citizen's pseudonym, a member of staff's name."""
        if self.kind == self.Kind.CITIZEN:
            return _("Resident %(code)s") % {"code": self.username}
        return self.display_name or self.username


class VaultRecord(models.Model):
    """Who a citizen is, encrypted (AES-256-GCM, key by `key_id`).

    `phone_lookup` is an HMAC: finds the account of a number, cannot be reversed without the key.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="vault")
    key_id = models.CharField(max_length=16)
    ciphertext = models.BinaryField()
    phone_lookup = models.CharField(max_length=64, unique=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key_id", "user"], name="vault_key")]


class Membership(models.Model):
    """A role held from a day up to (not including) a day; officers and heads hold it in an agency."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="members")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "agency"], nulls_distinct=False, name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["officer", "head"], agency__isnull=False)
                | models.Q(role__in=["operator", "lead", "administrator", "auditor"], agency__isnull=True),
                name="membership_agency",
            ),
        ]


class Session(AbstractBaseSession):
    """A signed-in browser, or a guest's draft. It ends (`expire_date`) after a long silence or at a certain age."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=120, default="")  # browser and system, for the list of one's own sessions
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects: ClassVar[BaseSessionManager] = BaseSessionManager()

    @classmethod
    def get_session_store_class(cls) -> type:
        from hues.people.sessions import SessionStore

        return SessionStore


class OneTimeCode(models.Model):
    """That a six-digit code was sent to a phone. The code is nowhere: it is derived from `id` (hues.people.codes).

    Bound to a purpose and a browser session; five tries; 180 s; one live code for each phone and purpose.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone_lookup = models.CharField(max_length=64)
    purpose = models.CharField(max_length=16)  # sign-in, report
    session_hash = models.CharField(max_length=64)
    sealed_phone = models.BinaryField()  # encrypted; emptied when used or outdated
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_lookup", "purpose", "-sent_at"], name="code_phone"),
            models.Index(fields=["session_hash", "purpose", "-sent_at"], name="code_session"),
            models.Index(fields=["sent_at"], name="code_age"),
        ]


class SandboxMessage(models.Model):
    """A text message that the sandbox provider kept instead of sending. Only ever written where HUES_SANDBOX=1."""

    id = models.UUIDField(primary_key=True, editable=False)
    to = models.CharField(max_length=32)
    text = models.TextField()
    at = models.DateTimeField()


class ApiKey(models.Model):
    """A key of a program. Only its hash is kept; the prefix names it in lists."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    is_sample = models.BooleanField(default=False)
