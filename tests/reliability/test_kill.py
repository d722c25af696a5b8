"""What was acknowledged is there afterwards, once, whatever dies meanwhile."""

import json
import threading
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.served import Served, make_city, until

REPORT = {"category": "DT01", "lat": 16.4637, "lon": 107.5909}


@pytest.fixture(scope="module")
def city() -> Iterator[tuple[Served, str]]:
    """A city of this module's own, and a key that may file."""
    served = make_city().start()
    try:
        yield served, served.hues("key", "create", "--scope", "reports", "load").stdout.strip()
    finally:
        served.clean_up()


class Load:
    """Four clients that file reports as fast as they can; a failed request is sent again with its own key until it is answered."""

    def __init__(self, served: Served, key: str) -> None:
        self.served, self.key = served, key
        self.acknowledged: dict[str, str] = {}  # words → code of the case
        self.stopping = threading.Event()
        self.strange: list[str] = []
        self.threads = [threading.Thread(target=self._file) for _ in range(4)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def _file(self) -> None:
        with httpx.Client(base_url=self.served.base_url, timeout=10) as client:
            while not self.stopping.is_set():
                words = f"Đèn hỏng {uuid.uuid4().hex}"
                headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": words.split()[-1]}
                self._until_answered(client, words, headers)

    def _until_answered(self, client: httpx.Client, words: str, headers: dict[str, str]) -> None:
        while True:
            try:
                answer = client.post("/api/v1/reports", json={**REPORT, "body": words}, headers=headers)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 201:
                self.acknowledged[words] = answer.json()["code"]
                return
            if answer is not None and answer.status_code not in (409, 429, 500, 502, 503):
                self.strange.append(f"{answer.status_code} {answer.text[:200]}")
                return
            if self.stopping.is_set():
                return
            self.stopping.wait(0.05)

    def grown_by(self, count: int) -> None:
        goal = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= goal or self.strange, f"stuck at {len(self.acknowledged)}", within=60)


def stored(served: Served) -> dict[str, list[str]]:
    """Codes by words, read from the database itself."""
    script = (
        "from hues.cases.models import Case; import json; "
        "print(json.dumps(list(Case.objects.values_list('body', 'code'))))"
    )
    lines = served.hues("manage", "shell", "-c", script).stdout.strip().splitlines()
    found: dict[str, list[str]] = {}
    for body, code in json.loads(lines[-1]):
        found.setdefault(body, []).append(code)
    return found


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_comes_twice(city: tuple[Served, str]) -> None:
    served, key = city
    with Load(served, key) as load:
        load.grown_by(40)
        for name in ("web", "postgres", "relay", "nats", "worker"):
            killed = served.kill(name)
            served.wait_restarted(name, killed)
            load.grown_by(30)
    assert not load.strange, load.strange[:3]
    there = stored(served)
    assert len(load.acknowledged) > 150
    lost = [words for words in load.acknowledged if words not in there]
    assert not lost, f"{len(lost)} acknowledged reports are gone"
    assert {words: [code] for words, code in load.acknowledged.items()} == {w: there[w] for w in load.acknowledged}
    assert all(len(codes) == 1 for codes in there.values()), "a report came twice"


@pytest.mark.slow
def test_power_failure(city: tuple[Served, str]) -> None:
    """Everything at once, then a start on the same folder; the log still proves every entry."""
    served, key = city
    with Load(served, key) as load:
        load.grown_by(60)
        served.kill_everything()
        load.stopping.set()
    served.start()
    there = stored(served)
    assert all(there.get(words) == [code] for words, code in load.acknowledged.items())
    until(lambda: served.health()["parts"]["relay"].get("waiting") == 0, "the relay did not catch up")
    verified = served.hues("log", "verify")
    assert verified.returncode == 0, verified.stdout


def test_the_same_report_sent_five_times_is_one(city: tuple[Served, str]) -> None:
    served, key = city
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "nam-lan-nhu-mot"}
    body = {**REPORT, "body": "Gửi năm lần vì mạng chập chờn"}
    answers = [httpx.post(f"{served.base_url}/api/v1/reports", json=body, headers=headers) for _ in range(5)]
    assert [a.status_code for a in answers] == [201] * 5
    assert len({a.json()["code"] for a in answers}) == 1
    assert len(stored(served)["Gửi năm lần vì mạng chập chờn"]) == 1
    other = httpx.post(f"{served.base_url}/api/v1/reports", json={**body, "body": "Khác"}, headers=headers)
    assert other.status_code in (409, 422)
