"""Process definitions: the packs' own are sound, mistakes are named, versions never change."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings, settings

from hues.cases import actions, processes
from hues.cases.definition import DefinitionError
from hues.cases.models import ProcessDefinition
from hues.cases.parsing import parse
from tests.cases.conftest import Way

CITIES = sorted(path.parent.name for path in Path(settings.CITIES_DIR).glob("*/processes"))
MINIMAL: dict[str, Any] = {
    "code": "tiny",
    "names": {"vi": "Nhỏ", "en": "Tiny"},
    "initial": "open",
    "options": {"colours": {"red": {"vi": "Đỏ", "en": "Red"}}},
    "ladders": {"triage": [{"at": 100, "to": ["centre"], "text": {"vi": "Trễ {code}"}}]},
    "states": {
        "open": {"names": {"vi": "Mở"}, "phase": "intake", "stage": "received", "clock": "triage",
                 "timers": [{"kind": "end", "after": {"days": 1}, "step": "close"}]},
        "closed": {"names": {"vi": "Đóng"}, "phase": "done", "stage": "done", "open": False, "terminal": True},
    },
    "steps": {
        "close": {"from": "open", "to": [{"when": {"chosen": {"colour": ["red"]}}, "state": "closed"}, {"state": "closed"}],
                  "by": ["system", "operator"], "verb": {"vi": "Đóng"}, "done": {"vi": "Đã đóng"}, "key": "x",
                  "fields": {"colour": {"type": "choice", "options": "colours", "label": {"vi": "Màu"}}},
                  "guards": [{"hops_below": 2}], "effects": [{"keep": {"answer": "colour"}}]},
    },
}  # fmt: skip


@pytest.mark.parametrize("city", CITIES)
def test_the_packs_definitions_are_sound(city: str) -> None:
    paths = sorted(processes.folder(city).glob("[!_]*.yaml"))
    assert [path.stem for path in paths] == ["command", "immediate", "order", "timed"]
    for path in paths:
        processes.read(path)


def test_huế_speaks_vietnamese_and_english_everywhere() -> None:
    def check(found: Any, place: str) -> None:
        if isinstance(found, dict):
            if "vi" in found or "en" in found:
                assert set(found) == {"vi", "en"}, place
            for key, value in found.items():
                check(value, f"{place}.{key}")
        elif isinstance(found, list):
            for number, value in enumerate(found):
                check(value, f"{place}[{number}]")

    for path in processes.folder("hue").glob("[!_]*.yaml"):
        check(processes.read(path), path.stem)


def test_a_minimal_definition_is_sound() -> None:
    assert parse(MINIMAL, processes.VOCABULARY).steps["close"].guards == (("hops_below", 2),)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("steps.close.from", "opened", "'opened' is not one of open, closed"),
        ("steps.close.to", "gone", "'gone' is not one of"),
        ("steps.close.by", ["mayor"], "'mayor' is not one of"),
        ("steps.close.effects", ["explode"], "'explode' is not one of"),
        ("steps.close.guards", [{"moon_is_full": 1}], "'moon_is_full' is not one of"),
        ("steps.close.effects", [{"keep": {"answer": "color"}}], "'color' is not a field of this step"),
        ("steps.close.fields.colour.options", "sizes", "'sizes' names no list"),
        ("steps.close.fields.colour.type", "colour", "'colour' is not one of"),
        ("steps.close.fields.colour.required_when", {"size": ["big"]}, "size: big is not a choice of this step"),
        ("steps.close.to", [{"when": {"chosen": {"colour": ["red"]}}, "state": "closed"}], "the last target must hold"),
        ("steps.close.verb", {}, "a text is missing"),
        ("steps.close.done", {"vi": "Đóng {codes}"}, "unknown placeholder {codes}"),
        ("steps.close.done", {"vi": "Đóng {"}, "in 'Đóng {'"),
        ("steps.close.colour", "red", "unknown key 'colour'"),
        ("steps.reopen", {**MINIMAL["steps"]["close"], "from": "open"}, "two steps have the key 'x'"),
        ("states.lost", MINIMAL["states"]["closed"], "states.lost: cannot be reached"),
        ("states.open.phase", "dreaming", "'dreaming' is not one of"),
        ("states.open.clock", "sundial", "'sundial' is not one of"),
        ("states.closed.terminal", False, "no step leads out of it"),
        (
            "states.open.timers",
            [{"kind": "end", "after": {"days": 1}, "step": "vanish"}],
            "'vanish' is no step of the system",
        ),
        ("states.open.timers", [{"kind": "end", "after": {"moons": 1}, "step": "close"}], "unknown key 'moons'"),
        ("states.open.timers", [{"kind": "end", "after": {"days": 0}, "step": "close"}], "is not one span of time"),
        ("states.open.timers", [{"kind": "end", "after": {"days": 1}}], "either takes a step or tells somebody"),
        ("ladders.triage", [{"at": 0, "to": ["centre"], "text": {"vi": "x"}}], "0 is not a percentage"),
        ("ladders.triage", [{"at": 50, "to": ["everyone"], "text": {"vi": "x"}}], "'everyone' is not one of"),
        ("initial", "nowhere", "'nowhere' is not a state"),
        ("code", "", "a code is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(path: str, value: Any, complaint: str) -> None:
    broken = copy.deepcopy(MINIMAL)
    *parents, last = path.split(".")
    place: Any = broken
    for name in parents:
        place = place[name]
    place[last] = value
    with pytest.raises(DefinitionError) as mistake:
        parse(broken, processes.VOCABULARY, "tiny.yaml")
    assert complaint in str(mistake.value)
    assert "tiny.yaml" in str(mistake.value)


def test_all_mistakes_are_named_at_once() -> None:
    broken = copy.deepcopy(MINIMAL)
    broken["steps"]["close"]["by"] = ["mayor"]
    broken["steps"]["close"]["effects"] = ["explode"]
    with pytest.raises(DefinitionError) as mistake:
        parse(broken, processes.VOCABULARY)
    assert len(str(mistake.value).splitlines()) == 2


@pytest.fixture
def own_pack(tmp_path: Path, settings: LazySettings) -> Path:
    """A pack of its own, beside Huế's."""
    settings.CITIES_DIR = tmp_path
    folder = tmp_path / "nowhere" / "processes"
    folder.mkdir(parents=True)
    (folder / "tiny.yaml").write_text(yaml.safe_dump(MINIMAL, allow_unicode=True))
    return folder


def test_same_content_is_the_same_version(own_pack: Path) -> None:
    assert processes.load_processes("nowhere") == ["tiny 1"]
    assert processes.load_processes("nowhere") == []
    (own_pack / "tiny.yaml").write_text("# a comment more\n" + yaml.safe_dump(MINIMAL, default_flow_style=True))
    assert processes.load_processes("nowhere") == []


def test_changed_content_is_the_next_version(own_pack: Path) -> None:
    processes.load_processes("nowhere")
    (own_pack / "tiny.yaml").write_text(yaml.safe_dump({**MINIMAL, "names": {"vi": "Bé"}}))
    assert processes.load_processes("nowhere") == ["tiny 2"]
    rows = ProcessDefinition.objects.filter(code="tiny").order_by("version")
    assert [json.loads(row.definition)["names"]["vi"] for row in rows] == ["Nhỏ", "Bé"]
    assert processes.latest("tiny")[0] == rows[1].pk


def test_one_bad_file_changes_nothing(own_pack: Path) -> None:
    (own_pack / "worse.yaml").write_text("code: [")
    with pytest.raises(DefinitionError):
        processes.load_processes("nowhere")
    assert not ProcessDefinition.objects.filter(code="tiny").exists()
    (own_pack / "worse.yaml").write_text(yaml.safe_dump({**MINIMAL, "code": "other"}))
    with pytest.raises(DefinitionError, match="is not the file's name"):
        processes.load_processes("nowhere")


def test_a_city_changes_a_base_and_takes_things_away(own_pack: Path) -> None:
    (own_pack / "small.yaml").write_text(
        "base: [nowhere/tiny]\ncode: small\nstates: {open: {timers: null}}\nnames: {vi: Khác}\n"
    )
    found = processes.read(own_pack / "small.yaml")
    assert found["names"] == {"vi": "Khác", "en": "Tiny"}
    assert "timers" not in found["states"]["open"]
    assert found["steps"] == MINIMAL["steps"]


def test_a_case_keeps_the_version_that_it_began_with(
    way: Way, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    row = way.case.process
    changed = json.loads(row.definition)
    changed["steps"]["accept"]["by"] = ["lead"]
    ProcessDefinition.objects.create(
        code="timed",
        version=row.version + 1,
        definition=json.dumps(changed),
        sha256="1" * 64,
        created_at=way.case.received_at,
    )
    way.accepted()
    assert way.case.process_id == row.pk
    assert actions.take_step(actor=way.officer, code=way.code, step="start").state == "in_progress"
