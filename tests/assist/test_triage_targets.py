"""What Huế's own phrases must achieve on the sentences that are kept aside, and that those are really kept aside.

`cities/hue/assist/evaluation.csv` is read here and nowhere in training. Whoever writes phrases does not read it.
"""

import csv
import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings
from scipy import sparse  # type: ignore[import-untyped]

from hues.assist.triage import store
from hues.assist.triage.material import Labelled, digest_of, read_material
from hues.cli import assist
from hues.kernel.text import vn_fold

HUE = Path(__file__).resolve().parents[2] / "cities" / "hue"
ASIDE = HUE / "assist" / "evaluation.csv"

FIRST, AMONG_THREE, LESS_FOLDED = 0.80, 0.93, 0.03
ALIKE = 0.75  # share of common letters in threes from which on two sentences are the same one, a little changed

# Written for this test by ear, not from the lists that training uses.
DIALECT = {
    "ở đâu": "ở mô", "tại sao": "răng", "như vậy": "như rứa", "như thế": "như rứa", "bây giờ": "chừ", "hôm nay": "bữa ni", "chỗ này": "chỗ ni",
    "cái này": "cái ni", "đường": "đàng", "nhìn thấy": "ngó chộ", "thấy": "chộ", "vào": "vô", "làm": "mần", "tôi": "tui", "bà": "mệ", "ngã": "té",
    "hỏng": "hư", "vỡ": "bể", "bẩn": "nhớp", "này": "ni", "đó": "nớ", "kia": "tê", "gì": "chi", "sao": "răng", "vậy": "rứa",
}  # fmt: skip
SLANG = {
    "không": "ko", "được": "dc", "người": "ng", "mọi người": "mn", "nước": "nc", "với": "vs", "gì": "j", "cũng": "cx", "biết": "bít", "rồi": "r",
    "trước": "trc", "đường": "đg", "tôi": "t", "em": "e", "anh": "a", "ô tô": "oto", "quá": "wá", "mới": "ms", "bây giờ": "bh", "học sinh": "hs",
    "luôn": "lun", "thôi": "thui", "phải": "fải", "những": "n~",
}  # fmt: skip


def in_other_words(text: str, book: dict[str, str]) -> str:
    """Every word of the book exchanged, the longest entries first."""
    told = re.compile("|".join(rf"\b{key}\b" for key in sorted(book, key=len, reverse=True)), re.IGNORECASE)
    return told.sub(lambda found: book[found[0].lower()], text)


def aside() -> list[dict[str, str]]:
    with ASIDE.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """What the command says of the sentences kept aside: one line of JSON, without a database."""
    kept = {name: text for name, text in os.environ.items() if name not in ("DATABASE_URL", "HUES_CITIES_DIR")}
    done = subprocess.run(
        [sys.executable, "-m", "hues", "assist", "evaluate-triage", str(ASIDE)],
        env=kept, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(done.stdout)
    return found


Rewritten = Callable[[Callable[[str], str]], dict[str, Any]]


@pytest.fixture
def rewritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: LazySettings, measured: dict[str, Any]
) -> Rewritten:
    """The same command on the same sentences as somebody else would have typed them."""

    def ask(change: Callable[[str], str]) -> dict[str, Any]:
        file = tmp_path / "rewritten.csv"
        with file.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines)
            writer.writerow(["text", "code"])
            writer.writerows((change(row["text"]), row["code"]) for row in aside())
        assert assist.run(Namespace(verb="evaluate-triage", file=file)) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return ask


def test_people_whose_words_it_never_read_are_understood(measured: dict[str, Any]) -> None:
    assert measured["n"] == len(aside()) >= 500
    assert measured["top1"] >= FIRST
    assert measured["top3"] >= AMONG_THREE
    assert measured["ms_per_text"] <= 15, "5 in the promise; a machine that does something else meanwhile takes longer"


def test_so_are_they_without_diacritics(measured: dict[str, Any]) -> None:
    assert measured["top1"] - measured["top1_folded"] <= LESS_FOLDED
    assert measured["top3"] - measured["top3_folded"] <= LESS_FOLDED
    assert (measured["top1_folded"], measured["top3_folded"]) >= (FIRST, AMONG_THREE)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("dialect", lambda text: in_other_words(text, DIALECT)),
        ("slang", lambda text: in_other_words(text, SLANG)),
        ("both", lambda text: in_other_words(in_other_words(text, DIALECT), SLANG).lower()),
    ],
)
def test_so_are_they_in_dialect_and_in_the_slang_of_typing(
    name: str, change: Callable[[str], str], rewritten: Rewritten, measured: dict[str, Any]
) -> None:
    changed = sum(change(row["text"]).lower() != row["text"].lower() for row in aside())
    assert changed > len(aside()) * 0.4, "the rewriting rewrites"
    found = rewritten(change)
    for share, least in (("top1", FIRST), ("top3", AMONG_THREE)):
        assert found[share] >= least, name
        assert measured[share] - found[f"{share}_folded"] <= LESS_FOLDED + 0.02, f"{name}, without diacritics as well"


# ── kept aside, and enough to learn from ──


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", vn_fold(text)))


def threes(texts: list[str]) -> tuple[sparse.csr_matrix, dict[str, int]]:
    return letters_of(texts, {})


def letters_of(texts: list[str], seen: dict[str, int]) -> tuple[sparse.csr_matrix, dict[str, int]]:
    """Which three letters in a row are in which text."""
    rows, columns = [], []
    for number, text in enumerate(texts):
        for part in {text[at : at + 3] for at in range(max(1, len(text) - 2))}:
            rows.append(number)
            columns.append(seen.setdefault(part, len(seen)))
    return sparse.csr_matrix(([1.0] * len(rows), (rows, columns)), shape=(len(texts), 60_000)), seen


@pytest.fixture(scope="module")
def learned() -> list[Labelled]:
    return read_material(HUE).texts


def test_no_sentence_kept_aside_is_among_those_learned_not_even_a_little_changed(learned: list[Labelled]) -> None:
    asked, read = [plain(row["text"]) for row in aside()], [plain(row.text) for row in learned]
    assert not set(asked) & set(read)
    first, seen = threes(asked)
    second, _seen = letters_of(read, seen)
    common = (first @ second.T).tocoo()
    size_first, size_second = first.sum(axis=1).A1, second.sum(axis=1).A1
    alike = common.data / (size_first[common.row] + size_second[common.col] - common.data)
    close = [(asked[a], read[b]) for a, b, share in zip(common.row, common.col, alike, strict=True) if share >= ALIKE]
    assert close == []


def test_training_never_opens_the_file_that_is_kept_aside() -> None:
    from hues.assist.triage.material import sources

    assert ASIDE not in sources(HUE)
    assert digest_of(store.pack_folder()) == digest_of(HUE)


def test_every_kind_has_phrases_of_several_voices() -> None:
    """At least 40 a kind, of three authors or more, and 9 sentences kept aside."""
    phrases: Counter[str] = Counter()
    voices: Counter[str] = Counter()
    for file in sorted((HUE / "assist" / "phrases").glob("*.yaml")):
        for code, texts in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            phrases[code] += len({plain(text) for text in texts})
            voices[code] += 1
    codes = [row["code"] for row in yaml.safe_load((HUE / "categories.yaml").read_text(encoding="utf-8"))["categories"]]
    assert len(codes) == 60
    assert {code: phrases[code] for code in codes if phrases[code] < 40} == {}
    assert {code: voices[code] for code in codes if voices[code] < 3} == {}
    assert set(Counter(row["code"] for row in aside()).values()) == {9}
