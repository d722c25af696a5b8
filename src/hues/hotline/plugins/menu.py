"""What a caller says to the voice menu of a telephone system, however that system tells it: consent, a call-back, a transcript.

Whatever is not plainly a yes or a no says nothing: silence, a mistyped word or a key of another menu is never consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hues.hotline import fold

CONSENT, CALLBACK, TRANSCRIPT = "hues_consent", "hues_callback", "hues_transcript"
_YES = frozenset({"yes", "true", "1", "y", "given"})
_NO = frozenset({"no", "false", "0", "n", "refused"})


@dataclass(frozen=True)
class Said:
    kind: str  # as in `fold`
    data: dict[str, Any] = field(default_factory=dict)


def consent(text: str) -> bool | None:
    """True, False, or None for what is neither."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


def variable(name: str, value: str) -> Said | None:
    """A variable of a channel, or an event of the dialplan by that name."""
    if name == CONSENT and (agreed := consent(value)) is not None:
        return Said(fold.CONSENT, {"consent": agreed})
    if name == CALLBACK and consent(value):
        return Said(fold.CALLBACK)
    if name == TRANSCRIPT and value.strip():
        return Said(fold.TRANSCRIPT, {"text": value})
    return None


def key(query: Mapping[str, str], context: str, digit: str) -> Said | None:
    """A key of the telephone. `query` is that of HUES_CTI_URL: it counts only in the context that `menu` names."""
    if not query.get("menu") or context != query["menu"] or not digit:
        return None
    if digit == query.get("refuse_key"):
        return Said(fold.CONSENT, {"consent": False})
    if digit == query.get("consent_key"):
        return Said(fold.CONSENT, {"consent": True})
    return Said(fold.CALLBACK) if digit == query.get("callback_key") else None
