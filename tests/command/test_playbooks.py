"""Playbooks are data: read strictly, and of no one city."""

from pathlib import Path
from shutil import copytree

import pytest
from django.conf import LazySettings

from hues.city.pack import PackError
from hues.command import playbooks


def test_the_packs_hold_together() -> None:
    found = playbooks.check("hue")
    assert {"flood", "storm", "forest_fire", "event"} <= set(found.kinds)
    for code in ("flood", "storm", "forest_fire", "event"):
        kind = found.kinds[code]
        assert len(kind.objectives) >= 3 and kind.sectors and len(kind.tasks) >= 4, code
    assert playbooks.read("boston").kinds


def test_every_text_is_there_in_every_language() -> None:
    for kind in playbooks.read("hue").kinds.values():
        texts = [kind.names, kind.bulletin, *kind.objectives, *(sector.names for sector in kind.sectors)]
        texts += [text for task in kind.tasks for text in (task.titles, task.texts)]
        assert all(set(text) == {"vi", "en"} for text in texts), kind.code


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("period_hours: 6", "period_hours: 600", "600"),
        ("level: 4", "level: 3", "1, 2, 3 and 4"),
        ("    icon: waves", "    colour: red\n    icon: waves", "colour"),
        ("agency: TL", "agency: NOBODY", "NOBODY"),
        ("categories: [HT05,", "categories: [XX99,", "XX99"),
        ("cases: {immediate: HT05", "cases: {immediate: MT01", "MT01"),
        ("{area}. Người dân không đi qua", "{where}. Người dân không đi qua", "where"),
        ("  - code: storm", "  - code: flood", "more than once"),
        ("command_agency: BCH", "command_agency: BCH\ncommand_agency: BCH", "given twice"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, settings: LazySettings, old: str, new: str, said: str, db: None) -> None:
    copytree(Path(settings.CITIES_DIR) / "hue", tmp_path / "hue", ignore=lambda *_: ["demo", "map.geojson"])
    settings.CITIES_DIR = tmp_path
    path = tmp_path / "hue" / playbooks.FILE
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(PackError) as wrong:
        playbooks.check("hue")
    assert said in str(wrong.value)


def test_a_city_without_a_file_has_one_plain_kind(tmp_path: Path, settings: LazySettings) -> None:
    settings.CITIES_DIR = tmp_path
    found = playbooks.read("nowhere")
    assert set(found.kinds) == {"other"} and set(found.levels) == {1, 2, 3, 4}
