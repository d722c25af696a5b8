"""The scorer on a real city's reports, with the pairs that its clerks closed as duplicates."""

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hues.assist.duplicates import fitting
from hues.assist.duplicates.evaluate import candidates, run
from hues.assist.duplicates.scoring import CHOICE, WEIGHTS, Evidence, choose, weigh
from hues.assist.duplicates.table import read

HEAD = [
    "case_enquiry_id",
    "open_dt",
    "closed_dt",
    "subject",
    "reason",
    "type",
    "location",
    "latitude",
    "longitude",
    "neighborhood",
    "ward",
]


def write(folder: Path, rows: list[list[str]], pairs: list[tuple[str, str]]) -> tuple[Path, Path]:
    cases, known = folder / "cases.csv.gz", folder / "pairs.csv"
    with gzip.open(cases, "wt", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    with known.open("w", newline="") as file:
        csv.writer(file).writerows([("duplicate", "original"), *pairs])
    return cases, known


def a_case(
    name: str, opened: str, closed: str = "", *, lat: float = 42.3, kind: str = "Lamp", address: str = ""
) -> list[str]:
    return [name, opened, closed, "Works", "Lights", kind, address, str(lat), "-71.1", "Hill", "Ward 05"]


def test_the_numbers_hold_on_the_whole_city(shared_data: Path) -> None:
    found = run(shared_data / "boston311.csv.gz", shared_data / "boston311_duplicates.csv")
    assert (found["cases"], found["pairs"], found["pairs_unknown"]) == (67_178, 241, 0)
    assert found["recall"] >= 0.95
    assert found["mean_candidates"] <= 2.5
    assert found["mean_candidates_placed"] <= 3
    areas = [area for area in found["by_area"].values() if area["cases"] > 500]
    assert max(area["mean_candidates"] for area in areas) <= 4, "in the densest neighbourhood too"
    assert found["cpu_seconds"] < 60


def test_the_numbers_hold_in_areas_that_the_fitting_has_not_seen(shared_data: Path) -> None:
    found = fitting.cross_validate(shared_data / "boston311.csv.gz", shared_data / "boston311_duplicates.csv")
    for held_out in ("neighbourhoods", "wards", "each_ward"):
        assert found[held_out]["recall"] >= 0.94
        assert found[held_out]["mean_candidates"] <= 2.5
    for name, fitted in found["weights"].items():
        assert fitted == pytest.approx(getattr(WEIGHTS, name), abs=0.3), "the weights are what the data say"


def test_what_a_candidate_is(tmp_path: Path) -> None:
    rows = [
        a_case("open", "2015-03-01T08:00:00"),
        a_case("long-closed", "2015-03-01T08:00:00", "2015-03-02T08:00:00"),
        a_case("just-closed", "2015-03-01T08:00:00", "2015-03-09T08:00:00"),
        a_case("far", "2015-03-01T08:00:00", lat=42.31),
        a_case("asked", "2015-03-10T08:00:00"),
        a_case("later", "2015-03-10T09:00:00", "2015-03-11T08:00:00"),
    ]
    cases, pairs = write(tmp_path, rows, [("asked", "open"), ("open", "later"), ("asked", "far"), ("gone", "open")])
    table = read(cases)
    offered = {(table.ids[a], table.ids[b]) for a, b in zip(*candidates(table), strict=True)}
    assert {b for a, b in offered if a == "asked"} == {"open", "just-closed"}
    found = run(cases, pairs)
    assert (found["pairs"], found["pairs_unknown"], found["recall"]) == (3, 1, round(2 / 3, 4))
    assert found["mean_candidates"] == round(len(offered) / 6, 3)
    assert found["by_area"]["Hill"]["recall"] == round(2 / 3, 3)


def test_a_point_where_the_map_puts_everything_says_nothing(tmp_path: Path) -> None:
    rows = [
        a_case(f"c{n:03}", f"2015-03-01T08:{n // 60:02}:{n % 60:02}", address=f"{n} Oak St  Hill")
        for n in range(0, 400, 10)
    ]
    rows.append(a_case("twin", "2015-03-02T08:00:00", address="100 Oak St  Hill"))
    cases, pairs = write(tmp_path, rows, [("twin", "c100")])
    table = read(cases)
    assert not table.placed.any()
    assert run(cases, pairs)["recall"] == 1.0, "the address still does"


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [
        a_case(f"c{n}", f"2015-03-01T08:{n % 7:02}:00", lat=42.3 + n % 5 * 1e-4, kind=f"K{n % 3}") for n in range(60)
    ]
    (tmp_path / "b").mkdir()
    first, second = (
        read(write(folder, given, [])[0]) for folder, given in ((tmp_path, rows), (tmp_path / "b", rows[::-1]))
    )
    assert first.ids == second.ids
    later, earlier, evidence = first.pairs()
    shuffled = np.random.default_rng(5).permutation(len(later))
    weight = weigh(evidence)
    straight = choose(weight, later, earlier)[0]
    mixed = shuffled[choose(weight[shuffled], later[shuffled], earlier[shuffled])[0]]
    assert straight.tolist() == mixed.tolist()


def test_a_crowd_makes_each_of_it_less_likely() -> None:
    def shares(crowd: int) -> list[float]:
        none = np.zeros(crowd)
        evidence = Evidence(np.full(crowd, 30.0), none.astype(bool), none.astype(np.int64), none, none.astype(bool))
        return choose(weigh(evidence), none.astype(np.int64), np.arange(crowd))[1].tolist()

    assert len(shares(1)) == 1
    assert shares(1)[0] > shares(3)[0] > shares(40)[0]
    assert len(shares(200)) == CHOICE.first


def test_an_empty_city_has_no_duplicates(tmp_path: Path) -> None:
    found = run(*write(tmp_path, [], []))
    assert (found["recall"], found["mean_candidates"], found["cases"]) == (None, 0.0, 0)


def test_files_that_are_something_else_are_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "cases.csv"
    wrong.write_text("id,when\n1,2\n")
    with pytest.raises(ValueError, match="there is no column"):
        read(wrong)


def test_the_command_says_it_in_one_line_without_a_database(tmp_path: Path) -> None:
    rows = [
        a_case("first", "2015-03-01T08:00:00"),
        a_case("again", "2015-03-01T18:00:00"),
        a_case("elsewhere", "2015-03-02T08:00:00", lat=42.4),
        a_case("missed", "2015-03-02T09:00:00", lat=42.5),
    ]
    files = write(tmp_path, rows, [("again", "first"), ("missed", "first")])
    said = run_command("evaluate-duplicates", *map(str, files))
    assert (said.returncode, said.stdout.count("\n")) == (0, 1)
    found = json.loads(said.stdout)
    assert found["recall"] == 0.5
    assert found["mean_candidates"] == 0.25
    assert (found["cases"], found["pairs"]) == (4, 2)


@pytest.mark.parametrize("content", ["id,when\n1,2\n", "case_enquiry_id,open_dt\n1,2\n"])
def test_the_command_names_what_is_wrong_with_a_file(tmp_path: Path, content: str) -> None:
    cases, pairs = tmp_path / "cases.csv", tmp_path / "pairs.csv"
    cases.write_text(content)
    pairs.write_text("duplicate,original\n")
    said = run_command("evaluate-duplicates", str(cases), str(pairs))
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr.startswith("hues: ") and "Traceback" not in said.stderr
    missing = run_command("evaluate-duplicates", str(tmp_path / "none.csv"), str(pairs))
    assert missing.returncode == 1 and "Traceback" not in missing.stderr


def run_command(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "hues", "assist", *words], env=kept, capture_output=True, text=True, check=False
    )
