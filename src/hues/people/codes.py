"""One-time codes: their rules, and where the six digits come from.

A code is derived from the id of its row with a key of the vault: the database never holds it, not even as a hash (six
digits are guessed in a second), and the job that sends it needs no secret among its arguments.
"""

from datetime import timedelta
from hmac import compare_digest
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from hues.people import vault

DIGITS = 6
TRIES = 5
LIFETIME = timedelta(seconds=180)
RESEND_WITHIN = timedelta(
    minutes=15
)  # for so long we remember, sealed, where a code went, so that it can be sent again
BACK_OFF = (0, 30, 60, 120, 300)  # seconds before the next code, by unused codes sent to this phone within the hour
PURPOSES = frozenset({"sign-in", "report", "report_for", "confirm", "call"})

# Budgets (messages in a window of seconds). They bound what fraud by SMS pumping can cost; telephones behind one
# carrier share addresses.
HOUR, DAY = 3600, 86400
Budget = tuple[int, int]
PER_PHONE: Budget = (10, DAY)
PER_ADDRESS = (40, HOUR)
PER_COUNTRY_ABROAD = (60, HOUR)
IN_ALL = (6000, HOUR)
CONFIRMATIONS_PER_ADDRESS = (200, HOUR)


def code_of(row_id: UUID) -> str:
    number = int.from_bytes(vault.current().digest(f"code:{row_id}"), "big") % 10**DIGITS
    return f"{number:0{DIGITS}}"


def is_code(row_id: UUID, typed: str) -> bool:
    """Whether `typed` (spaces do not matter) is the code of this row; compared in constant time."""
    digits = "".join(typed.split())
    return len(digits) == DIGITS and digits.isascii() and compare_digest(code_of(row_id), digits)


def session_mark(session_key: str) -> str:
    """What a code remembers of the browser that asked for it."""
    return vault.current().digest(f"session:{session_key}").hex()


def message(code: str, purpose: str = "") -> str:
    """The text message. The Vietnamese one has no diacritics on purpose: one GSM-7 part, readable on every telephone.

    The last line is the form that browsers fill in themselves (WICG "Origin-bound one-time codes delivered via SMS").
    """
    if purpose == "call":  # read out on the telephone: it opens nothing but this call
        words = _(
            "%(code)s: read this to our operator only if you are calling us yourself right now. It works for 3 minutes."
        )
        return words % {"code": code}
    text = _("%(code)s is your code. It works for 3 minutes. Never give it to anybody, not even to us.") % {
        "code": code
    }
    return f"{text}\n@{urlsplit(settings.PUBLIC_URL).hostname} #{code}"
