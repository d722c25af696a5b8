"""Identifiers sort by time, and public codes say nothing."""

import threading
import time
import uuid

from hues.kernel.ids import CODE_ALPHABET, new_code, new_id


def test_ids_are_version_7_and_rise_even_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(i.version == 7 and i.variant == uuid.RFC_4122 for i in ids[:100])


def test_an_id_carries_its_time() -> None:
    assert abs((new_id().int >> 80) / 1000 - time.time()) < 2


def test_threads_never_make_the_same_id() -> None:
    made: list[uuid.UUID] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(3_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 12_000


def test_codes_are_readable_over_the_phone_and_do_not_repeat() -> None:
    codes = {new_code("PA") for _ in range(5_000)}
    assert len(codes) > 4_990
    assert all(c.startswith("PA-") and set(c[3:].replace("-", "")) <= set(CODE_ALPHABET) for c in codes)
    assert not set(CODE_ALPHABET) & set("01IOLAEU")
