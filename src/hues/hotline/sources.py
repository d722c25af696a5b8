"""Which telephone systems may tell us of calls, and by which secrets (`HUES_CTI_KEYS`)."""

import re
from functools import lru_cache

from django.conf import settings

from hues.hotline import signing
from hues.runtime.places import secret
from hues.runtime.trouble import Trouble

DEFAULT = "pbx"
DESK, SANDBOX = "desk", "sandbox"  # our own: what operators write down by hand, and calls that nobody makes
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")


def secrets() -> dict[str, tuple[str, ...]]:
    """Every source with its secrets, the current one first. Without HUES_CTI_KEYS there is one, `pbx`, with the
    deployment's own secret (`hues cti key` prints it). Raises Trouble for what cannot be read.
    """
    if settings.CTI_KEYS:
        return _parsed(settings.CTI_KEYS)
    return {DEFAULT: (signing.secret_of(secret("cti")),)}


@lru_cache(maxsize=4)
def _parsed(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split():
        name, colon, keys = part.partition(":")
        candidates = tuple(key for key in keys.split(",") if key)
        if not (colon and _NAME.fullmatch(name) and candidates) or name in (DESK, SANDBOX):
            raise Trouble("HUES_CTI_KEYS: name:whsec_… for each telephone system, separated by spaces")
        for key in candidates:
            try:
                signing.key_of(key)
            except ValueError as error:
                raise Trouble(f"HUES_CTI_KEYS: {name}: {error}") from None
        found[name] = candidates
    return found


def secret_for(source: str) -> str:
    """The secret with which we sign towards a source: its current one. Raises Trouble."""
    try:
        return secrets()[source][0]
    except KeyError:
        raise Trouble(f"there is no secret for the telephone system '{source}' in HUES_CTI_KEYS") from None
