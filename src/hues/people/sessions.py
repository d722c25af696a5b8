"""Browser sessions: in the database under a hash of their key, ended by silence, by age or by their owner.

Limits (OWASP ASVS 5.0 §7.3 leaves the figures to us): staff 12 h of silence and 24 h in all, a duty shift; citizens 30
and 180 days; a guest's draft 30 days.
"""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY, login
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from hues.kernel import clock
from hues.people import confirming
from hues.people.models import Session, User

STAFF_IDLE, STAFF_WHOLE = timedelta(hours=12), timedelta(hours=24)
CITIZEN_IDLE, CITIZEN_WHOLE = timedelta(days=30), timedelta(days=180)
SEEN_EVERY = timedelta(minutes=5)  # how exactly we know when a session was last used: one write in five minutes
BACKEND = "hues.people.backends.Accounts"

_SIGNED_IN_AT, _STAFF, _DEVICE = "signed_in_at", "staff", "device"
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def stored_key(session_key: str) -> str:
    """What the database knows of a session's key: a copy of the table lets nobody in."""
    return sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django's database store with hashed keys, an owner and our clock. Synchronous: pages are served under WSGI."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key
        found = (
            Session.objects.filter(session_key=stored_key(key), expire_date__gt=clock.now()).first() if key else None
        )
        if found is None:
            self._session_key = None
        self.row = found
        return found

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=stored_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        now = clock.now()
        user_id = data.get(SESSION_KEY)
        signed_in_at = datetime.fromtimestamp(data.get(_SIGNED_IN_AT, now.timestamp()), UTC)
        return Session(
            session_key=stored_key(self._get_or_create_session_key()),  # type: ignore[attr-defined] # missing in the stubs
            session_data=self.encode(data),
            expire_date=_end(signed_in_at, now, staff=bool(data.get(_STAFF))) if user_id else now + CITIZEN_IDLE,
            user_id=UUID(user_id) if user_id else None,
            device=data.get(_DEVICE, ""),
            signed_in_at=signed_in_at if user_id else None,
            seen_at=now,
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(session_key=stored_key(key)).delete()

    def note_seen(self) -> None:
        """Somebody just used this session: its silence starts anew (written once in SEEN_EVERY)."""
        row, now = self.row, clock.now()
        if row is None or row.user_id is None or (row.seen_at and now - row.seen_at < SEEN_EVERY):
            return
        end = _end(row.signed_in_at or now, now, staff=bool(self.get(_STAFF)))
        Session.objects.filter(session_key=row.session_key).update(seen_at=now, expire_date=end)


def _end(signed_in_at: datetime, seen_at: datetime, *, staff: bool) -> datetime:
    idle, whole = (STAFF_IDLE, STAFF_WHOLE) if staff else (CITIZEN_IDLE, CITIZEN_WHOLE)
    return min(seen_at + idle, signed_in_at + whole)


def key_of(request: HttpRequest) -> str:
    """The key of this browser's session, begun if there is none yet (one-time codes are bound to it)."""
    if not request.session.session_key:
        request.session.create()
    return request.session.session_key or ""


def sign_in(request: HttpRequest, user: User) -> None:
    """From now on this browser acts as `user`. The key changes (no fixation); a guest's draft in the session stays."""
    staff = user.kind == User.Kind.STAFF
    login(request, user, backend=BACKEND)
    request.session.update(
        {
            _SIGNED_IN_AT: clock.now().timestamp(),
            _STAFF: staff,
            _DEVICE: device_of(request.headers.get("User-Agent", "")),
        }
    )
    confirming.note(request, user, signing_in=True)
    request.session.set_expiry(int((STAFF_WHOLE if staff else CITIZEN_WHOLE).total_seconds()))


def device_of(user_agent: str) -> str:
    """ "Chrome · Android": enough to recognise one's own telephone in a list."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or re.sub(r"[^\w ./-]", "", user_agent)[:40]
