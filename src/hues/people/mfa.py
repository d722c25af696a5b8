"""The second factor of staff: authenticator apps (TOTP, RFC 6238) and recovery codes, on allauth's tables and code.

allauth remembers used codes in the process's cache, so a second web process would take a code again: here the last used
time step is kept with the authenticator, under a row lock, and no step is accepted twice (RFC 6238 §5.2).
"""

from hmac import compare_digest
from io import BytesIO

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.db import transaction
from qrcode.image.svg import SvgPathFillImage

from hues.kernel import clock
from hues.people import vault
from hues.people.models import Passkey, User

PERIOD, TOLERANCE = 30, 1  # seconds; steps of clock drift on either side (RFC 6238 §5.2, §6)
_OWNER = b"second factor"

__all__ = ["SealedSecrets", "activate", "confirm", "has_totp", "new_secret", "qr_svg", "recovery_codes", "reset"]


class SealedSecrets(DefaultMFAAdapter):
    """Secrets of authenticators are sealed like everything else that must not be readable in the database."""

    def get_totp_label(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return vault.seal(text.encode(), _OWNER).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return vault.open_sealed(bytes.fromhex(encrypted_text), _OWNER).decode()


def new_secret() -> str:
    return generate_totp_secret()


def has_totp(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def _matching_step(secret: str, typed: str, after: int) -> int | None:
    """The time step that `typed` is the code of, if it is later than the last used one."""
    now = int(clock.now().timestamp()) // PERIOD
    code = "".join(typed.split())
    if not (code.isascii() and code.isdigit()):
        return None
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if step > after and compare_digest(format_hotp_value(hotp_value(secret, step)), code):
            return step
    return None


def activate(user: User, secret: str, typed: str) -> bool:
    """Bind an authenticator that proves to know the secret; makes recovery codes as well."""
    step = _matching_step(secret, typed, after=0)
    if step is None:
        return False
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if has_totp(user):
            return False
        sealed = get_adapter().encrypt(secret)
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": sealed, "last_step": step}
        )
        RecoveryCodes.activate(user)
    return True


def confirm(user: User, typed: str) -> str | None:
    """Which factor `typed` proved: "totp", "recovery_codes", or None. Each code works once."""
    with transaction.atomic():
        held = {a.type: a for a in Authenticator.objects.select_for_update().filter(user=user)}
        totp = held.get(Authenticator.Type.TOTP)
        if totp is not None:
            step = _matching_step(
                get_adapter().decrypt(totp.data["secret"]), typed, after=totp.data.get("last_step", 0)
            )
            if step is not None:
                totp.data["last_step"] = step
                totp.last_used_at = clock.now()
                totp.save(update_fields=["data", "last_used_at"])
                return str(Authenticator.Type.TOTP)
        recovery = held.get(Authenticator.Type.RECOVERY_CODES)
        if recovery is not None and len(typed) <= 32 and RecoveryCodes(recovery).validate_code(typed):
            return str(Authenticator.Type.RECOVERY_CODES)
    return None


def recovery_codes(user: User, *, fresh: bool = False) -> list[str]:
    """The unused recovery codes; `fresh` replaces all of them."""
    with transaction.atomic():
        if fresh:
            Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        return list(RecoveryCodes.activate(user).get_unused_codes())


def reset(user: User) -> None:
    """Forget every factor, passkeys too: the next sign-in sets up a new one."""
    Authenticator.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()


def qr_svg(user: User, secret: str) -> bytes:
    """The picture that an authenticator app reads, on white also where the page is dark."""
    image = qrcode.make(get_adapter().build_totp_url(user, secret), image_factory=SvgPathFillImage, border=2)
    out = BytesIO()
    image.save(out)
    return out.getvalue()


def reseal_all() -> int:
    """Bring secrets that are sealed under an old key under the current one; returns how many."""
    adapter, moved = get_adapter(), 0
    current = vault.current().id
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            held = Authenticator.objects.select_for_update().filter(pk=pk).first()
            name = "secret" if held and held.type == Authenticator.Type.TOTP else "seed"
            if held is None or name not in held.data or vault.key_id(bytes.fromhex(held.data[name])) == current:
                continue
            held.data[name] = adapter.encrypt(adapter.decrypt(held.data[name]))
            held.save(update_fields=["data"])
            moved += 1
    return moved
