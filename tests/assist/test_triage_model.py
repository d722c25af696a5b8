"""A small assistant is trained on a handful of kinds, and asked by people whose words it has not read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hues.assist.triage import model as models
from hues.assist.triage import school
from hues.assist.triage.features import WORDS, pieces
from hues.assist.triage.material import CASES, Labelled, Material, read_material
from hues.assist.triage.model import Model
from hues.assist.triage.training import HIDDEN, measure, train
from hues.assist.triage.words import words
from hues.kernel.text import vn_fold

HUE = Path(__file__).resolve().parents[2] / "cities" / "hue"
KINDS = ("GT01", "GT03", "GT04", "DT01", "DT02", "HT01", "MT01", "AN01")

NEVER_READ = [
    ("Đường trước nhà tôi nhiều ổ gà, mưa xuống không thấy lối đi", "GT01"),
    ("Mặt đường bong tróc lởm chởm, đi xe máy rất xóc", "GT01"),
    ("Nắp hố ga bị vỡ, miệng cống hở toác giữa đường", "GT03"),
    ("Đèn xanh đèn đỏ ở ngã tư không hoạt động", "GT04"),
    ("Bóng đèn đường tắt, cả kiệt tối om", "DT01"),
    ("Cây xanh ngã đổ chắn ngang đường", "DT02"),
    ("Rác chất đống mấy ngày không ai gom, hôi thối", "MT01"),
    ("The street lamp outside is not working, very dark at night", "DT01"),
    ("A big pothole on the road", "GT01"),
]


@pytest.fixture(scope="session")
def material() -> Material:
    """A few kinds of the pack, two dozen texts a voice and kind."""
    whole = read_material(HUE)
    seen: dict[tuple[str, str], int] = {}
    few: list[Labelled] = []
    for row in whole.texts:
        if row.code in KINDS:
            seen[row.voice, row.code] = seen.get((row.voice, row.code), 0) + 1
            if seen[row.voice, row.code] <= 24:
                few.append(row)
    return Material(list(KINDS), few, whole.places, whole.digest)


@pytest.fixture(scope="session")
def model(material: Material) -> Model:
    return train(material, version="small")


Asked = Callable[[str], str]


@pytest.fixture(scope="session")
def first(model: Model) -> Asked:
    return lambda text: next((guess.code for guess in model.guesses(text)), "")


def test_most_sentences_that_it_never_read_are_understood(first: Asked) -> None:
    assert sum(first(text) == code for text, code in NEVER_READ) >= len(NEVER_READ) - 1


def test_so_are_most_without_diacritics(first: Asked) -> None:
    assert sum(first(vn_fold(text)) == code for text, code in NEVER_READ) >= len(NEVER_READ) - 1


def test_dialect_and_slang_say_the_same(model: Model) -> None:
    common = model.scores("Đường này hỏng rồi mà không ai làm")
    assert (model.scores("Đàng ni hư r mà ko ai mần") == common).all()


def test_the_reasons_are_words_of_the_text_as_they_were_typed(model: Model) -> None:
    best = model.guesses("Chào anh chị, Đàng tui đi nhiều Ổ Gà lắm ạ")[0]
    assert best.code == "GT01"
    said = ", ".join(best.because)
    assert "ổ gà" in said
    assert "chào" not in said


def test_confidences_are_shares_and_fall(model: Model) -> None:
    said = [guess.confidence for guess in model.guesses("Mặt đường nhiều ổ gà")]
    assert said == sorted(said, reverse=True)
    assert 0 < said[-1] <= said[0] <= 1
    assert sum(said) <= 1.0001


def test_a_text_that_says_nothing_gets_no_guess(model: Model) -> None:
    assert model.guesses("") == []
    assert model.guesses("12345 !!! ???") == []


def test_where_it_is_does_not_change_what_it_is(model: Model) -> None:
    here, there = (model.scores(f"Nắp cống vỡ ở {street}") for street in ("Lê Lợi", "Nguyễn Huệ"))
    assert (here == there).all()


def test_a_stored_model_answers_as_before(model: Model) -> None:
    again = models.from_bytes(model.as_bytes(), "again")
    assert again is not None
    assert again.version == "again"
    for text, _code in NEVER_READ:
        assert again.guesses(text) == model.guesses(text)
    assert again.weights.nbytes + again.rows.nbytes + again.idf.nbytes < 20_000_000


def test_a_voice_is_measured_by_a_model_that_has_not_read_it(material: Material) -> None:
    """A voice that says the opposite of all others is wrong everywhere, which it could not be if its own words were learned."""
    swapped = {"GT01": "DT01", "DT01": "GT01"}
    liar = [
        Labelled(f"{row.text}!", swapped[row.code], "liar")
        for row in material.texts
        if row.code in swapped and row.voice not in ("keywords", "samples")
    ]
    few = Material(["GT01", "DT01"], [row for row in material.texts if row.code in swapped] + liar[:20], [])
    found = measure(few)
    assert found.voices["liar"]["top1"] < 0.3
    assert found.asked == sum(row.voice != "keywords" for row in few.texts)
    assert found.classes["GT01"]["support"] > 0


# ── what operators decided ──


def learned(material: Material, times: int) -> Model:
    """A model that has read a made-up word in so many cases, each by somebody else."""
    cases = [Labelled(f"xin báo vụ zumbazumba số {n}", "AN01", CASES) for n in range(times)]
    few = [row for row in material.texts if row.voice == "keywords"]
    return train(Material(material.codes, few + cases, []))


def test_what_few_people_wrote_is_not_kept_in_the_model(material: Material) -> None:
    few = learned(material, HIDDEN - 1)
    found = pieces(words("zumbazumba"))
    whole_words = found.slot[found.family == WORDS]
    assert len(whole_words) == 1
    assert few.rows[whole_words[0]] < 0


def test_what_many_reports_say_is_learned(material: Material) -> None:
    assert learned(material, HIDDEN * 2).guesses("zumbazumba")[0].code == "AN01"


# ── a process of its own, and the command ──


@pytest.fixture(scope="module")
def small_pack(tmp_path_factory: pytest.TempPathFactory, material: Material) -> Path:
    """A pack as far as the assistant reads it: kinds, and two voices."""
    folder = tmp_path_factory.mktemp("cities") / "hue"
    (folder / "assist" / "phrases").mkdir(parents=True)
    rows = yaml.safe_load((HUE / "categories.yaml").read_text())["categories"]
    kept = {"categories": [row for row in rows if row["code"] in KINDS]}
    (folder / "categories.yaml").write_text(yaml.safe_dump(kept, allow_unicode=True))
    for voice in ("a", "b"):
        phrases = {code: [f"{row.text} {voice}" for row in material.texts if row.code == code][:12] for code in KINDS}
        (folder / "assist" / "phrases" / f"{voice}.yaml").write_text(yaml.safe_dump(phrases, allow_unicode=True))
    return folder


def test_training_in_a_child_process_gives_a_model_and_its_measure(small_pack: Path) -> None:
    lesson = school.teach(small_pack, "v1", [("đèn đường tắt tối om", "DT01"), ("gì đó", "NO-SUCH")])
    model = models.from_bytes(lesson.weights, "v1")
    assert model is not None
    assert model.guesses("đèn đường tắt")[0].code == "DT01"
    assert lesson.learned["a"] == 12 * len(KINDS)
    assert lesson.learned[CASES] == 1, "a kind that the city does not have teaches nothing"
    assert school.teach(small_pack, "v1", measure=True).measured["top1"] > 0.8


def test_a_failed_training_says_why(tmp_path: Path) -> None:
    with pytest.raises(school.Failed, match=r"categories\.yaml"):
        school.teach(tmp_path, "v1")


def test_the_command_measures_a_file_without_a_database(small_pack: Path, tmp_path: Path) -> None:
    file = tmp_path / "sentences.csv"
    file.write_text("text,code\n" + "".join(f'"{text}",{code}\n' for text, code in NEVER_READ))
    kept = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    said = subprocess.run(
        [sys.executable, "-m", "hues", "assist", "evaluate-triage", str(file)],
        env=kept | {"HUES_CITIES_DIR": str(small_pack.parent), "HUES_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = json.loads(said)
    assert said.count("\n") == 1
    assert found["n"] == len(NEVER_READ)
    assert 0.7 < found["top1"] <= found["top3"] <= 1
    assert found["ms_per_text"] < 20
    assert list((tmp_path / "data" / "assist").glob("triage-*.model")), "the next time it is not trained again"
