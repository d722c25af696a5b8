"""What the sample operators keep at their console: shared views, a reply of their own, two reports put aside, and the handover of the night shift."""

from datetime import timedelta

from django.utils import translation

from hues.cases.models import Case
from hues.console import actions, sieve
from hues.console.models import SavedFilter
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.people.models import User
from hues.people.queries import actor_for

_VIEWS = (
    ("Rác, môi trường", {"domain": "MT"}),
    ("Tổng đài", {"channel": "hotline"}),
    ("Chờ trên 4 giờ", {"older": "240"}),
)
_REPLY = (
    "Hỏi số trụ đèn",
    "Cảm ơn bạn đã báo về {title} tại {street}. Xin cho biết số ghi trên trụ gần nhất, nếu thấy được.",
)
_HOLDS = (("Chờ phường xác minh rồi gọi lại", 2), ("Chờ đơn vị thi công xác nhận ranh giới", 5))
_WORDS = "Đêm qua mưa vừa, không có điểm ngập mới. Hai việc tạm gác bên dưới cần gọi lại trong buổi sáng."


def fill(size: str) -> int:  # noqa: ARG001 - the same for both sizes
    """Returns how many things were made; 0 where they are there already, or where the city has no sample operators."""
    night, day = _operator("truc2"), _operator("truc1")
    if night is None or day is None or SavedFilter.objects.exists():
        return 0
    with translation.override("vi"):
        for name, query in _VIEWS:
            actions.save_filter(actor=day, name=name, query=query, shared=True)
        actions.save_reply(actor=day, title=_REPLY[0], body=_REPLY[1], verb="ask", shared=True)
        held = _hold(night)
        actions.notice_untouched()
        actions.begin_handover(actor=night)
        actions.write_handover(actor=night, words=_WORDS)
        actions.give_handover(actor=night)
    return len(_VIEWS) + 2 + held


def _operator(username: str) -> Actor | None:
    user = User.objects.filter(username=username, is_sample=True).first()
    return actor_for(user) if user else None


def _hold(actor: Actor) -> int:
    """The newest that wait, but not those that cannot."""
    waiting = Case.objects.filter(sieve.to_decide(), group="timed").order_by("-received_at", "-id")
    cases = list(waiting[: len(_HOLDS)])
    for case, (reason, hours) in zip(cases, _HOLDS, strict=False):
        wake = clock.now() + timedelta(hours=hours)
        actions.hold_case(actor=actor, code=case.code, reason=reason, wake_at=wake)
    return len(cases)
