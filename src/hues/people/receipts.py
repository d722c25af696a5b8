"""`erasures.log` in the data folder: which erasures there were, so that they can be redone after a restore.

It lies beside the database and is in no backup, so a restored city still has it: one JSON object a line, only ever
appended. It holds a receipt, the number of an account that is gone, one wish and two moments; nothing that was
somebody's own. Several machines have one each: `hues user erase-again` takes all of them.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from hues.kernel import clock
from hues.people.models import Erasure
from hues.runtime import places

_RECEIPT = re.compile(r"XD-[0-9A-Z]{4}-[0-9A-Z]{2,8}", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    receipt: str
    person: str  # UUID
    withdraw_public: bool
    asked_at: str  # ISO 8601
    written_at: str


def path() -> Path:
    return places.data_dir() / "erasures.log"


def is_receipt(word: str) -> bool:
    return _RECEIPT.fullmatch(word) is not None


def write(erasure: Erasure) -> None:
    """Durable before it returns. Written when somebody leaves and when all is gone: twice is harmless."""
    line = Line(
        receipt=erasure.receipt,
        person=str(erasure.person_id),
        withdraw_public=erasure.withdraw_public,
        asked_at=erasure.asked_at.isoformat(),
        written_at=clock.now().isoformat(),
    )
    handle = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # a power cut in the middle of a line
        file.write(b"\n" * torn + json.dumps(asdict(line)).encode() + b"\n")
        file.flush()
        os.fsync(handle)


def read(file: Path) -> list[Line]:
    """Each receipt once. A torn line is left out: its erasure was not promised as done. Raises OSError, ValueError."""
    return list({line.receipt: line for line in _lines(file)}.values())


def _lines(file: Path) -> Iterator[Line]:
    for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            held = json.loads(text)
        except ValueError:
            continue
        try:
            line = Line(**held)
            UUID(line.person), datetime.fromisoformat(line.asked_at)
        except (TypeError, ValueError) as error:
            raise ValueError(f"line {number} of {file} is no receipt") from error
        yield line
