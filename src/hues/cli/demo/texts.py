"""What the sample city says, read from the city pack: `cities/<city>/demo/`."""

from dataclasses import dataclass
from typing import Any

import yaml
from django.conf import settings

from hues.runtime.trouble import Trouble


@dataclass(frozen=True)
class Kind:
    """Reports of one category: how many, when, what they look like and what people write."""

    code: str
    share: int
    scene: str  # of hues.cli.demo.photos; "none": nobody takes a photo
    hours: str
    season: str
    vi: tuple[str, ...]
    done: tuple[str, ...]
    en: tuple[str, ...] = ()


@dataclass(frozen=True)
class Texts:
    kinds: dict[str, Kind]
    voices: dict[str, Any]  # voices.yaml
    shape: dict[str, Any]  # city.yaml
    accounts: dict[str, Any]  # accounts.yaml


def read_texts() -> Texts:
    """Raises Trouble where the city pack brings no sample city."""
    folder = settings.CITIES_DIR / settings.CITY / "demo"
    if not folder.is_dir():
        raise Trouble(f"the city pack '{settings.CITY}' has no sample city (cities/{settings.CITY}/demo)")
    kinds: dict[str, Kind] = {}
    for path in sorted((folder / "reports").glob("*.yaml")):
        for code, raw in _read(path).items():
            fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in raw.items()}
            kinds[code] = Kind(code, **fields)
    return Texts(kinds, *(_read(folder / f"{name}.yaml") for name in ("voices", "city", "accounts")))


def _read(path: Any) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
