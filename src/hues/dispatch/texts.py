"""What the journal and the telephones say of a task, in each language of the journal. `{party}` is a team or an agency."""

from collections.abc import Mapping

from hues.cases import reference
from hues.cases.change import category_of
from hues.cases.models import Case
from hues.dispatch.models import Task

Texts = Mapping[str, str]

# In the history of the case, for staff.
SAID: Mapping[str, Texts] = {
    "sent": {"vi": "Điều động {party}", "en": "{party} was sent"},
    "support": {"vi": "Điều động hỗ trợ: {party}", "en": "Sent to support: {party}"},
    "accepted": {"vi": "{party} đã nhận lệnh hỗ trợ", "en": "{party} accepted to support"},
    "on_way": {"vi": "{party} đang đến hỗ trợ", "en": "{party} is on the way to support"},
    "arrived": {"vi": "{party} đã đến hiện trường hỗ trợ", "en": "{party} is on the scene to support"},
    "done": {"vi": "{party} đã xong phần hỗ trợ", "en": "{party} is done supporting"},
    "declined": {"vi": "{party} không đi được: {reason}", "en": "{party} cannot come: {reason}"},
    "cancelled": {"vi": "{party} được cho rút về: {reason}", "en": "{party} was stood down: {reason}"},
    "called": {"vi": "Đã gọi điện cho {party}: {result}", "en": "{party} was called: {result}"},
    "log": {"vi": "Ghi vào nhật ký chung", "en": "Wrote in the shared log"},
}

# To those who go, and to the centre.
TOLD: Mapping[str, Texts] = {
    "sent": {"vi": "{title}. {where}. Bấm để nhận lệnh.", "en": "{title}. {where}. Open it to accept."},
    "sent_unsaid": {"vi": "Mở để xem và nhận lệnh.", "en": "Open it to read and accept."},
    "declined": {
        "vi": "{party} không đi được: {reason}. Chọn lực lượng khác cho {code}.",
        "en": "{party} cannot come: {reason}. Choose somebody else for {code}.",
    },
    "cancelled": {"vi": "Rút về, không cần đến nữa: {reason}", "en": "Stand down, no need to come: {reason}"},
    "log": {"vi": "Có tin mới trong nhật ký chung.", "en": "There is news in the shared log."},
}
NOBODY_NEEDED: Texts = {"vi": "trung tâm đã xử lý cách khác", "en": "the centre settled it otherwise"}
GIVEN_TO_OTHERS: Texts = {"vi": "đã giao lực lượng khác", "en": "others were sent"}


def party_of(task: Task, language: str) -> str:
    """The team with its agency, or the agency."""
    agency = reference.agencies().get(task.agency_id)
    name = agency.name(language) if agency else ""
    return f"{task.team.name} ({name})" if task.team is not None else name


def fill(texts: Texts, task: Task, case: Case, **words: Texts | str) -> dict[str, str]:
    """A text in each language with the words of a task and its case."""
    filled = {}
    for language, text in texts.items():
        given = {name: value if isinstance(value, str) else value.get(language, "") for name, value in words.items()}
        filled[language] = text.format(
            **{
                "party": party_of(task, language),
                "code": case.code,
                "title": category_of(case).name(language),
                "where": where(case, language),
                **given,
            }
        )
    return filled


def where(case: Case, language: str) -> str:
    unit = reference.units().get(case.unit_id or 0)
    known = unit is not None and unit.name(language).casefold() in case.address.casefold()
    place = [case.address, unit.name(language) if unit and not known else ""]
    return ", ".join(filter(None, place)) or case.code


def to_go(task: Task, case: Case) -> dict[str, str]:
    """What those who are sent read on their telephone: of what only its parties may know, nothing."""
    return fill(TOLD["sent_unsaid" if case.visibility == "restricted" else "sent"], task, case)
