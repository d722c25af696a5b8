"""Every component on one page, in the sandbox only: what engineers build pages from, and what the screenshots and axe look at."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hues.kernel import clock
from hues.kernel.errors import NotFound
from hues.web import looks
from hues.web.templatetags.hues import OWN_ICONS


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    if not settings.SANDBOX:
        raise NotFound(_("There is no such page."))
    if "toast" in request.GET:
        messages.success(request, _("The answer was sent."), extra_tags="undo:/dev/components")
    desk = request.GET.get("shell") == "desk"
    return render(request, "web/gallery_desk.html" if desk else "web/gallery.html", _samples())


def _samples() -> dict[str, Any]:
    now = clock.now()
    case = {
        "is_open": True,
        "received_at": now - timedelta(days=5),
        "assigned_at": now - timedelta(days=4),
        "group": "timed",
    }
    rows = (
        ("in_progress", "timed", timedelta(days=2), "Đèn đường không sáng", "Bà Triệu", "PA-7K3M-Q2"),
        ("assigned", "timed", timedelta(hours=2), "Rác tồn đọng, thùng rác đầy", "Kiệt 12 Lê Lợi", "PA-4F2H-XN"),
        ("dispatched", "immediate", timedelta(minutes=-12), "Cây ngã chắn đường", "27 Lê Lợi", "PA-9PWD-3T"),
        ("waiting_citizen", "timed", None, "Ổ gà, hư hỏng mặt đường", "Nguyễn Huệ", "PA-6BCV-8R"),
        ("published", "timed", None, "Nắp hố ga vỡ", "Hai Bà Trưng", "PA-2GHJ-5M"),
    )
    cases = [
        {
            **case,
            "state": state,
            "group": group,
            "due_at": left and now + left,
            "title": title,
            "where": where,
            "code": code,
        }
        for state, group, left, title, where, code in rows
    ]
    options = [
        {"value": "fixed", "label": "Đã xử lý, có ảnh", "hint": "Được tính là đã giải quyết", "icon": "check"},
        {"value": "planned", "label": "Có kế hoạch, có ngày", "hint": "Vẫn công khai là chưa xong", "icon": "calendar"},
    ]
    return {
        "cases": cases,
        "states": list(looks.STAFF_STATES),
        "stages": list(looks.STAGES),
        "outcomes": list(looks.OUTCOMES),
        "groups": list(looks.GROUPS),
        "icons": sorted(OWN_ICONS),
        "errors": {"street": "Cho biết đường nào.", "phone": "Số điện thoại gồm 10 chữ số."},
        "fields": [
            {"name": "street", "label": "Tên đường", "required": True, "error": "Cho biết đường nào.", "hint": "Ví dụ: 27 Lê Lợi"},
            {"name": "phone", "label": "Số điện thoại", "kind": "phone", "required": True, "value": "0912", "error": "Số điện thoại gồm 10 chữ số."},
            {"name": "code", "label": "Mã 6 số", "kind": "code", "required": True},
            {"name": "body", "label": "Mô tả thêm", "kind": "textarea", "maxlength": 2000, "counter": True, "placeholder": "Chuyện gì?"},
            {"name": "day", "label": "Ngày hẹn", "kind": "date"},
            {"name": "unit", "label": "Phường, xã", "kind": "select", "options": ["Phường Đông", "Phường Tây", "Xã Nam"], "required": True},
            {"name": "outcome", "label": "Kết quả", "kind": "radio", "options": options, "value": "fixed", "required": True},
            {"name": "also", "label": "Báo thêm cho", "kind": "checks", "options": [("a", "Công an phường"), ("b", "Đội xe")], "value": ["a"]},
            {"name": "anonymous", "label": "Không hiện bút danh", "kind": "check", "value": True, "hint": "Không ai biết."},
        ],
        "picker": [("road", "Đường sá"), ("lamp", "Đèn đường"), ("tree", "Cây xanh"), ("waste", "Rác"), ("water", "Nước"), ("noise", "Tiếng ồn")],
        "now": now,
    }  # fmt: skip
