"""Accounts, roles, the identity vault, one-time codes, sessions, API keys."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext as _

from hues.city.models import Agency
from hues.kernel.ids import new_id


def pseudonym(code: str) -> str:
    """What others call a citizen, in the active language. `code` is drawn at random when the account begins (codes.py): nothing of the
    person, their number or their key goes into it, so nobody can work back from it; an erasure takes it away."""
    return _("Resident %(code)s") % {"code": code}


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
    erased_at = models.DateTimeField(null=True)  # of a citizen: what is left is this row, without any name

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
        if self.erased_at:
            return _("Erased")
        if self.kind == self.Kind.CITIZEN:
            return pseudonym(self.username)
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
                | models.Q(
                    role__in=["helper", "volunteer", "operator", "lead", "administrator", "auditor"],
                    agency__isnull=True,
                ),
                name="membership_agency",
            ),
            models.CheckConstraint(
                condition=~models.Q(role="volunteer") | models.Q(valid_to__isnull=False),
                name="membership_volunteer_ends",
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


class Passkey(models.Model):
    """A WebAuthn credential of a citizen or of staff. The private key never leaves its owner's device."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    credential = models.BinaryField()  # WebAuthn §6.5.2 attested credential data: AAGUID, id and public key (COSE)
    sign_count = models.BigIntegerField(default=0)  # 0: the authenticator does not count (WebAuthn §6.1.1)
    synced = models.BooleanField(default=False)  # its provider keeps a copy (flag BS): it survives a lost device
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)


class Export(models.Model):
    """A copy of a citizen's own data, made by a job and kept for a day (PDP Law 91/2025: the right to a copy)."""

    class State(models.TextChoices):
        MAKING = "making"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    size = models.BigIntegerField(default=0)  # bytes of the archive

    class Meta:
        indexes = [models.Index(fields=["user", "-asked_at"], name="export_mine")]


class Erasure(models.Model):
    """That somebody asked to be erased, and how far it is. It outlives the account: without number, name or words.

    `done` holds the counts of the rooms whose turn is over, `held` what the law still keeps and until when.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    receipt = models.CharField(max_length=16, unique=True)
    person_id = models.UUIDField(unique=True)  # of the account that is gone
    withdraw_public = models.BooleanField(default=False)  # published texts go as well
    asked_at = models.DateTimeField()
    done = models.JSONField(default=dict)
    held = models.JSONField(default=list)
    next_at = models.DateTimeField(null=True)  # when to go on: now, or when a hold ends; NULL when nothing is left

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="erasure_next", condition=models.Q(next_at__isnull=False))]


class Reveal(models.Model):
    """Somebody asks, on a legal ground, who stands behind a report; a second person decides; it is read once."""

    class State(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved"
        REFUSED = "refused"
        OPENED = "opened"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)  # as people say it: DT-7K3MQ2
    subject_id = models.UUIDField()  # of the case
    subject_code = models.CharField(max_length=16)
    person_id = models.UUIDField()
    ground = models.CharField(max_length=16)  # hues.people.grounds
    document = models.CharField(max_length=80, default="", blank=True)  # number of the written request
    issued_by = models.CharField(max_length=160)
    issued_on = models.DateField(null=True)
    reason = models.TextField()
    needs = models.JSONField()  # ["phone", "name"]: what may be read, nothing else
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # of the decision, then of the reading
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(default="", blank=True)
    opened_at = models.DateTimeField(null=True)
    tell_at = models.DateTimeField(null=True)  # when the reporter is told; later where the ground forbids it now
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="reveal_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(opened_at=None) | models.Q(decided_by__isnull=False), name="reveal_decided"
            ),
        ]
        indexes = [
            models.Index(fields=["-asked_at"], name="reveal_recent"),
            models.Index(fields=["subject_id"], name="reveal_subject"),
            models.Index(
                fields=["tell_at"], name="reveal_tell", condition=models.Q(tell_at__isnull=False, told_at=None)
            ),
        ]


class Restriction(models.Model):
    """A warning, a limit or a lock of an account that abused the city's ear; by a person, for a reason, for a time."""

    class Kind(models.TextChoices):
        WARNING = "warning"
        LIMIT = "limit"
        LOCK = "lock"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    reason = models.TextField()  # as the citizen reads it
    evidence = models.JSONField()  # codes of the cases
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-ends_at"], name="restriction_of"),
            models.Index(fields=["-placed_at"], name="restriction_recent"),
        ]


class Appeal(models.Model):
    """The one appeal against a restriction; somebody else than who placed it decides."""

    restriction = models.OneToOneField(Restriction, primary_key=True, on_delete=models.CASCADE, related_name="appeal")
    text = models.TextField()
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    answer = models.TextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="appeal_open", condition=models.Q(decided_at=None))]


class AdministratorAct(models.Model):
    """What one administrator asks for and another one decides: otherwise one person alone could become two.

    A lost second factor may also be confirmed by its owner, with a recovery code.
    """

    class Deed(models.TextChoices):
        RESET = "reset"  # of the second factor, with all passkeys
        GRANT = "grant"  # of a role that opens identities or names those who do

    class State(models.TextChoices):
        ASKED = "asked"
        DONE = "done"
        REFUSED = "refused"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="acts")  # whom it is about
    deed = models.CharField(max_length=8, choices=Deed.choices)
    details = models.JSONField(default=dict)  # of a grant: role, valid_from, valid_to
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # of the decision, then of the setup code
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    setup_hash = models.CharField(max_length=64, default="", blank=True)  # of the code that a new second factor needs

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")), name="act_two_people"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | models.Q(deed="reset") | ~models.Q(decided_by=models.F("user")),
                name="act_not_for_oneself",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(decided_by__isnull=False), name="act_decided"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-asked_at"], name="act_of"),
            models.Index(fields=["expires_at"], name="act_open", condition=models.Q(state="asked")),
        ]
