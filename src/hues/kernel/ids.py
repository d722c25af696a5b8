"""Identifiers: UUIDv7 inside, short codes without information outside."""

import os
import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562 §5.7, method 3 of §6.2): ordered within one process, even inside one millisecond.

    48 bits of milliseconds, 12 bits of the fraction of a millisecond (kept rising), 62 random bits.
    """
    global _last
    with _lock:
        now = time.time_ns()
        tick = (now // 1_000_000) << 12 | (now % 1_000_000) * 4096 // 1_000_000
        _last = tick = max(tick, _last + 1)
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62
    return uuid.UUID(int=value | int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1)


# Crockford's alphabet without letters that read as digits or make words: no I L O U, and no vowels besides.
CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"


def new_code(prefix: str, length: int = 6) -> str:
    """A public code such as `PA-7K3M-Q2`: random, says nothing of when, where or how many (28^6 ≈ 480 million)."""
    body = "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))
    return f"{prefix}-{body[:4]}-{body[4:]}" if length > 4 else f"{prefix}-{body}"
