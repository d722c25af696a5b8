"""What the city pack says of its call desk (`call_desk` in city.yaml), with our own proposal where it says nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language

from hues.city import pack
from hues.city.memory import remembered
from hues.city.questions import text as text_in


@dataclass(frozen=True)
class WrapCode:
    """How a call ended for the caller. `needs_case`: it can be chosen only once a case is linked."""

    code: str
    key: str
    names: dict[str, str]
    texts: dict[str, str]
    needs_case: bool
    promises: bool  # a call-back goes with it

    @property
    def name(self) -> str:
        return text_in(self.names, get_language() or "vi")

    @property
    def text(self) -> str:
        return text_in(self.texts, get_language() or "vi") if self.texts else ""


@dataclass(frozen=True)
class Policy:
    number: str  # as people dial it
    answer_within_s: int  # "answered fast"
    early_s: int  # whoever hangs up within these seconds has misdialled: nobody calls back
    repeat: timedelta  # the same number again so soon: not solved by the first call
    ring_limit: timedelta  # without a sign of life: it has ended
    talk_limit: timedelta
    callback_within: timedelta
    callback_again: timedelta
    callback_tries: int
    surge_waiting: int  # so many waiting, or one so long, and the lead is asked
    surge_longest_s: int
    recording_days: int
    number_days: int  # numbers and notes of calls are forgotten after
    announcement: dict[str, str]  # what is said before recording
    overflow: dict[str, str]  # what the IVR says while more call than can be answered
    wrap_codes: tuple[WrapCode, ...]

    def code(self, code: str) -> WrapCode | None:
        return next((one for one in self.wrap_codes if one.code == code), None)


_CODES = [
    {"code": "report", "key": "1", "names": {"vi": "Đã lập phản ánh", "en": "Report filed"}, "needs_case": True},
    {"code": "status", "key": "2", "names": {"vi": "Hỏi kết quả phản ánh", "en": "Asked about a report"}},
    {"code": "information", "key": "3", "names": {"vi": "Cung cấp thông tin", "en": "Information given"}},
    {"code": "redirected", "key": "4", "names": {"vi": "Hướng dẫn sang cơ quan khác", "en": "Sent to another body"}},
    {"code": "emergency", "key": "5", "names": {"vi": "Chuyển số khẩn cấp", "en": "Passed to an emergency number"}},
    {"code": "callback", "key": "6", "names": {"vi": "Hẹn gọi lại", "en": "Call-back promised"}, "promises": True},
    {"code": "other", "key": "7", "names": {"vi": "Việc khác", "en": "Something else"}},
    {"code": "silent", "key": "8", "names": {"vi": "Không nghe thấy gì, nhầm số", "en": "Silent or misdialled"}},
    {"code": "abuse", "key": "9", "names": {"vi": "Quấy rối", "en": "Abusive"}},
]
_RECORDING = {  # consent is a deed, never silence
    "vi": "Cuộc gọi chỉ được ghi âm khi quý vị đồng ý. Nếu đồng ý, xin bấm phím 2. Không bấm phím thì không ghi âm.",
    "en": "This call is recorded only if you agree. If you agree, please press 2. If you press nothing, nothing is recorded.",
}
_OVERFLOW = {
    "vi": "Hiện rất nhiều người gọi đến. Xin bấm phím 1 để Trung tâm gọi lại, quý vị không mất lượt.",
    "en": "Very many people are calling now. Press 1 and we call you back; you keep your place.",
}


@remembered
def policy() -> Policy:
    """Of the city that this deployment serves; from memory once warm."""
    settings = pack.settings()
    given: dict[str, Any] = settings.get("call_desk", {})
    surge, back, keep = given.get("surge", {}), given.get("callback", {}), given.get("keep", {})
    return Policy(
        number=settings["hotline"],
        answer_within_s=given.get("answer_within_s", 20),
        early_s=given.get("early_s", 5),
        repeat=timedelta(days=given.get("repeat_days", 7)),
        ring_limit=timedelta(minutes=given.get("ring_limit_minutes", 10)),
        talk_limit=timedelta(minutes=given.get("talk_limit_minutes", 120)),
        callback_within=timedelta(minutes=back.get("within_minutes", 60)),
        callback_again=timedelta(minutes=back.get("again_minutes", 20)),
        callback_tries=back.get("tries", 3),
        surge_waiting=surge.get("waiting", 8),
        surge_longest_s=surge.get("longest_s", 120),
        recording_days=keep.get("recording_days", 90),
        number_days=keep.get("number_days", 730),
        announcement=given.get("announcement", _RECORDING),
        overflow=given.get("overflow", _OVERFLOW),
        wrap_codes=tuple(_code(one) for one in given.get("wrap_up", _CODES)),
    )


def _code(one: dict[str, Any]) -> WrapCode:
    return WrapCode(
        code=one["code"],
        key=one["key"],
        names=one["names"],
        texts=one.get("texts", {}),
        needs_case=one.get("needs_case", False),
        promises=one.get("promises", False),
    )
