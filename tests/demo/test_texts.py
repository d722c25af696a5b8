"""The sample city speaks: every category of the pack, in many voices, about places of its own."""

import random
import re
from datetime import UTC, datetime

import pytest

from hues.cases import reference
from hues.city import questions
from hues.city.queries import unit_at
from hues.cli.demo.answers import sample_answers
from hues.cli.demo.places import Geography
from hues.cli.demo.texts import Texts, read_texts
from hues.cli.demo.writer import Writer, without_marks

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"\d[\d .]{7,}\d")  # a telephone, an identity card, an account


@pytest.fixture(scope="module")
def texts() -> Texts:
    return read_texts()


def test_every_category_has_its_own_words(texts: Texts) -> None:
    assert set(texts.kinds) == set(reference.categories_by_code())
    for kind in texts.kinds.values():
        assert len(kind.vi) >= 6 and len(set(kind.vi)) == len(kind.vi), kind.code
        assert len(kind.done) >= 2, kind.code
    assert sum(kind.en != () for kind in texts.kinds.values()) >= 15


def test_reports_and_answers_are_filled_and_name_nobody(texts: Texts) -> None:
    rng = random.Random(7)
    writer, places = Writer(texts, rng), Geography(texts.shape)
    outcomes = [*texts.shape["outcomes"], "enforcement_done"]
    for kind in texts.kinds.values():
        for outcome in outcomes:
            spot = places.spot(rng)
            report = writer.report(kind, spot, "en" if kind.en and rng.random() < 0.2 else "vi")
            reply = writer.answer(kind, spot, outcome, agency="UBND phường", about="Ổ gà", date="24/12/2026")
            for text in (report, reply):
                assert 10 < len(text) < 900 and "{" not in text and "  " not in text, text
                assert not NUMBER.search(text), text
            assert "UBND phường" in reply


def test_nobody_scolds_where_a_life_is_in_danger(texts: Texts) -> None:
    rng = random.Random(3)
    writer, places = Writer(texts, rng), Geography(texts.shape)
    scolding = (*texts.voices["closings"]["angry"], *texts.voices["closings"]["dialect"])
    for code in ("TA01", "AN05", "GT07"):
        for _ in range(60):
            assert not writer.report(texts.kinds[code], places.spot(rng)).endswith(scolding)


def test_some_type_without_diacritics() -> None:
    assert without_marks("Đèn đường KHÔNG sáng") == "Den duong KHONG sang"


def test_places_lie_in_the_ward_that_their_address_names(texts: Texts) -> None:
    rng, places = random.Random(1), Geography(texts.shape)
    spots = [places.spot(rng) for _ in range(1_500)]
    hits = [unit_at(spot.lat, spot.lon) for spot in spots]
    assert sum(hit is not None and hit.unit_id == spot.unit for hit, spot in zip(hits, spots, strict=True)) > 1_455
    for spot in spots[:200]:
        assert spot.address.endswith(str(spot.words["phuong"]))
    core = {reference.units()[spot.unit].code for spot in spots} & {"19753", "19789"}
    urban = sum(reference.units()[spot.unit].code in texts.shape["core"] for spot in spots) / len(spots)
    assert core == {"19753", "19789"} and 0.3 < urban < 0.6  # dense, but not everything


def test_answers_to_questions_pass_the_city_s_own_check() -> None:
    rng, at = random.Random(5), datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
    for category in reference.categories().values():
        for _ in range(5):
            questions.check(category, sample_answers(category, rng, at))
