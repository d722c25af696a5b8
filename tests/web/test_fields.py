"""Form fields from data: labels, hints and errors belong to their control, whoever reads the page."""

from typing import Any

from django.template import Context, Template


def shown(spec: dict[str, Any]) -> str:
    return Template("{% field f %}").render(Context({"f": spec}))


def test_hint_and_error_are_read_with_the_control() -> None:
    html = shown({"name": "street", "label": "Đường", "hint": "Ví dụ", "error": "Thiếu", "required": True})
    assert 'for="f-street"' in html and 'id="f-street"' in html
    assert 'aria-describedby="h-street e-street"' in html
    assert 'aria-invalid="true"' in html
    assert " required" in html


def test_what_was_typed_comes_back_escaped() -> None:
    html = shown({"name": "body", "label": "B", "kind": "textarea", "value": '</textarea><script>"'})
    assert "<script>" not in html
    assert "&lt;/textarea&gt;" in html


def test_optional_fields_say_so_and_needed_ones_do_not() -> None:
    assert "(không bắt buộc)" in shown({"name": "a", "label": "A"})
    assert "(không bắt buộc)" not in shown({"name": "a", "label": "A", "required": True})


def test_a_choice_is_a_group_with_a_legend_and_keeps_what_was_chosen() -> None:
    html = shown(
        {"name": "o", "label": "Kết quả", "kind": "radio", "options": [("a", "Một"), ("b", "Hai")], "value": "b"}
    )
    assert "<fieldset" in html and "<legend" in html
    assert html.count("checked") == 1 and 'value="b" id="f-o-1" checked' in html


def test_a_long_choice_becomes_a_list_to_pick_from() -> None:
    html = shown({"name": "u", "label": "Phường", "kind": "radio", "options": list(range(12)), "value": "7"})
    assert "<select" in html and '<option value="7" selected>' in html


def test_several_may_be_chosen() -> None:
    html = shown({"name": "w", "label": "W", "kind": "checks", "options": ["x", "y", "z"], "value": ["x", "z"]})
    assert html.count("checked") == 2


def test_a_one_time_code_is_offered_by_the_phone() -> None:
    html = shown({"name": "code", "label": "Mã", "kind": "code", "required": True})
    assert 'autocomplete="one-time-code"' in html and 'inputmode="numeric"' in html


def test_every_kind_of_question_a_city_may_ask_becomes_a_control() -> None:
    controls = {"text": "<input", "number": 'type="number"', "choice": "<fieldset", "multichoice": 'type="checkbox"'}
    controls |= {"yesno": 'type="radio"', "datetime": 'type="datetime-local"', "phone": 'type="tel"'}
    for kind, control in controls.items():
        question = {
            "code": "q",
            "type": kind,
            "labels": {"vi": "Hỏi", "en": "Ask"},
            "options": [{"value": "one", "labels": {"vi": "Một"}}],
        }
        html = Template("{% question q %}").render(Context({"q": question}))
        assert control in html, kind
        assert 'name="answer_q"' in html and "Hỏi" in html
