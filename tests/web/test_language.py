"""A page is in the language of whoever reads it, as far as we speak it."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

CASES = [
    ("", "vi"),
    ("*", "vi"),
    ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
    ("en-GB,en;q=0.9,vi;q=0.8", "en"),
    ("ko-KR,ko;q=0.9", "en"),
    ("fr-FR,fr;q=0.9,*;q=0.1", "en"),
    ("zh-CN,zh;q=0.9", "en"),
    ("ja", "en"),
    ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "en"),
    ("fr,vi;q=0.5", "vi"),  # a family from abroad that reads Vietnamese says so
    ("fr, no such header;;;", "vi"),
    ("x" * 5000, "vi"),
]


def read_in(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert f'<html lang="{answer["Content-Language"]}"' in answer.content.decode()
    return answer["Content-Language"]


@pytest.mark.parametrize(("asked", "language"), CASES, ids=[asked[:30] or "nothing" for asked, _ in CASES])
def test_what_the_browser_asks_for(asked: str, language: str) -> None:
    client = Client(headers={"accept-language": asked} if asked else {})
    assert read_in(client) == language
    assert "Accept-Language" in client.get("/")["Vary"]


@pytest.mark.parametrize("chosen", ["vi", "en"])
def test_what_was_chosen_wins(chosen: str) -> None:
    client = Client(headers={"accept-language": "ko-KR,ko;q=0.9"})
    client.post("/language", {"language": chosen})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == chosen
    assert read_in(client) == chosen


def test_a_choice_that_is_none_of_ours_is_no_choice() -> None:
    client = Client(headers={"accept-language": "ko"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    assert read_in(client) == "en"


def test_errors_and_programs_are_answered_alike() -> None:
    client = Client(headers={"accept-language": "fr-FR,fr;q=0.9"})
    answer = client.get("/cases/PA-NONE-99")
    assert answer.status_code == 404
    assert 'lang="en"' in answer.content.decode()
    told = Client(headers={"accept-language": "zh"}).get("/api/v1/categories").json()
    assert "Tourist" in str(told)
