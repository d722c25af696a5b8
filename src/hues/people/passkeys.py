"""Passkeys: the two ceremonies of WebAuthn (W3C Level 3), with python-fido2 for the formats and signatures.

What makes them safe against phishing: the relying party and the one origin come from HUES_PUBLIC_URL, never from the
request; a challenge lives in the session of the browser that asked for it, works once and for five minutes; the user
must be verified (PIN, finger, face), so that a passkey alone is two factors.
"""

import hmac
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hues.city.pack import settings as city_settings
from hues.kernel import clock
from hues.kernel.errors import Invalid
from hues.people.models import Passkey, User

LIFETIME = 300  # seconds from challenge to answer
_CHALLENGE = "passkey_challenge"
_LOOPBACK = {"127.0.0.1", "::1"}  # browsers give passkeys to names only: on one's own machine the name is localhost


def origin() -> str:
    """The one origin that answers are taken from."""
    given = urlsplit(settings.PUBLIC_URL)
    port = f":{given.port}" if given.port else ""
    return f"{given.scheme}://{relying_party()}{port}"


def relying_party() -> str:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return "localhost" if host in _LOOPBACK else host


def _server() -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=relying_party(), name=str(city_settings()["app_names"]["vi"]))
    return Fido2Server(entity, verify_origin=lambda said: hmac.compare_digest(said.encode(), origin().encode()))


def begin_adding(session: SessionBase, user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey for `user`; one that it has already is not made again."""
    held = [AttestedCredentialData(bytes(row)) for row in user.passkeys.values_list("credential", flat=True)]
    who = PublicKeyCredentialUserEntity(id=user.pk.bytes, name=user.name, display_name=user.name)
    options, state = _server().register_begin(
        who,
        credentials=held,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _remember(session, "add", state, str(user.pk))
    return dict(options)["publicKey"]


def finish_adding(session: SessionBase, user: User, answer: Any) -> AuthenticatorData:
    """The new credential. Raises Invalid for anything that is not the answer to this browser's challenge."""
    state = _recall(session, "add", str(user.pk))
    try:
        return _server().register_complete(state, answer)
    except _WRONG:
        raise _refused() from None


def begin_proving(session: SessionBase, user: User | None = None) -> dict[str, Any]:
    """What the browser needs to prove a passkey: any of this city for signing in, one of `user` for confirming."""
    held = None
    if user is not None:
        held = [AttestedCredentialData(bytes(row)) for row in user.passkeys.values_list("credential", flat=True)]
    options, state = _server().authenticate_begin(held, user_verification=UserVerificationRequirement.REQUIRED)
    _remember(session, "prove", state, str(user.pk) if user else "")
    return dict(options)["publicKey"]


def finish_proving(session: SessionBase, answer: Any, user: User | None = None) -> tuple[Passkey, AuthenticatorData]:
    """Which passkey answered, and what its device says. Raises Invalid; nothing is stored yet."""
    state = _recall(session, "prove", str(user.pk) if user else "")
    try:
        said = AuthenticationResponse.from_dict(answer)
        passkey = Passkey.objects.select_related("user").filter(credential_id=said.raw_id).first()
        if passkey is None or (user is not None and passkey.user_id != user.pk):
            raise _refused()
        handle = said.response.user_handle
        if handle is not None and handle != passkey.user.pk.bytes:  # WebAuthn §7.2 step 6
            raise _refused()
        _server().authenticate_complete(state, [AttestedCredentialData(bytes(passkey.credential))], said)
    except _WRONG:
        raise _refused() from None
    return passkey, said.response.authenticator_data


# What python-fido2 raises for answers that are malformed, signed by another key, or of another site.
_WRONG = (ValueError, TypeError, KeyError, AttributeError, LookupError)


def _remember(session: SessionBase, ceremony: str, state: Any, person: str) -> None:
    session[_CHALLENGE] = {
        "ceremony": ceremony, "state": state, "person": person, "until": clock.now().timestamp() + LIFETIME,
    }  # fmt: skip


def _recall(session: SessionBase, ceremony: str, person: str) -> Any:
    """The challenge's state, which is gone from the session whatever comes of the answer."""
    held = session.pop(_CHALLENGE, None)
    if (
        held is None
        or held["ceremony"] != ceremony
        or held["person"] != person
        or held["until"] < clock.now().timestamp()
    ):
        raise Invalid(_("This took too long. Please try again."), code="challenge-outdated")
    return held["state"]


def _refused() -> Invalid:
    return Invalid(_("This passkey was not accepted. Please sign in another way."), code="passkey-refused")
