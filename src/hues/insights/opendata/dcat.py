"""The catalogue for machines: DCAT 3 (W3C) with the properties that DCAT-AP 3 asks for, as JSON-LD 1.1 and as Turtle, from one graph."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings

from hues.city import pack
from hues.insights.opendata import datasets, store
from hues.insights.opendata.datasets import DataSet

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "locn": "http://www.w3.org/ns/locn#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
    "adms": "http://www.w3.org/ns/adms#",
}
_EU = "http://publications.europa.eu/resource/authority/"
_MEDIA = "http://www.iana.org/assignments/media-types/"
_FORMATS = {
    "csv": ("CSV", "text/csv"),
    "geojson": ("GEOJSON", "application/geo+json"),
    "parquet": ("PARQUET", "application/vnd.apache.parquet"),
}
_LANGUAGES = {"vi": "VIE", "en": "ENG"}
OGC_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"


@dataclass(frozen=True)
class Iri:
    value: str


@dataclass(frozen=True)
class Text:
    value: str
    language: str = ""
    type: str = ""  # prefixed name of a datatype


@dataclass(frozen=True)
class Node:
    """A thing: with an address, or without one (then written where it is used)."""

    kind: str
    says: Mapping[str, Sequence[Any]]
    id: str = ""


def catalogue() -> list[Node]:
    """The whole graph; the catalogue itself first."""
    base, who = settings.PUBLIC_URL, datasets.publisher()
    publisher = Node("foaf:Organization", {"foaf:name": _texts(_names())}, f"{base}/open#publisher")
    sets = [_data_set(one, who, publisher) for one in datasets.data_sets()]
    service = _service(base, publisher, who)
    built = store.published().built_at
    about: dict[str, Sequence[Any]] = {
        "dct:title": _texts({"vi": f"Dữ liệu mở {_names().get('vi', who.name)}", "en": f"Open data of {_names().get('en', who.name)}"}),
        "dct:description": _texts({
            "vi": "Dữ liệu công khai của thành phố, không có dữ liệu cá nhân.",
            "en": "The city's public data, without personal data.",
        }),
        "dct:publisher": [Iri(publisher.id)],
        "dct:license": [Iri(who.licence_url)],
        "dct:language": [Iri(_EU + "language/" + _LANGUAGES[code]) for code in pack.settings()["languages"] if code in _LANGUAGES],
        "dct:spatial": [_box()],
        "foaf:homepage": [Iri(f"{base}/open")],
        "dcat:dataset": [Iri(node.id) for node, _parts in sets],
        "dcat:service": [Iri(service.id)],
        **({"dct:modified": [_moment(built)]} if built else {}),
    }  # fmt: skip
    root = Node("dcat:Catalog", about, f"{base}/open/catalog")
    return [root, publisher, service, *(node for found, parts in sets for node in (found, *parts))]


def _names() -> Mapping[str, str]:
    city = pack.settings()
    found: Mapping[str, str] = (city.get("open_data") or {}).get("publisher") or city["names"]
    return found


def _texts(texts: Mapping[str, str]) -> list[Text]:
    return [Text(text, language) for language, text in texts.items()]


def _moment(at: datetime) -> Text:
    return Text(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), type="xsd:dateTime")


def _box() -> Node:
    b = pack.settings()["bounds"]
    ring = f"{b['west']} {b['south']}, {b['east']} {b['south']}, {b['east']} {b['north']}, {b['west']} {b['north']}, {b['west']} {b['south']}"
    return Node("dct:Location", {"dcat:bbox": [Text(f"POLYGON (({ring}))", type="geosparql:wktLiteral")]})


def _contact(who: datasets.Publisher) -> Node:
    base = settings.PUBLIC_URL
    return Node(
        "vcard:Organization",
        {
            "vcard:fn": [Text(who.name)],
            **({"vcard:hasEmail": [Iri(f"mailto:{who.contact}")]} if "@" in who.contact else {"vcard:hasURL": [Iri(f"{base}/open")]}),
        },
    )  # fmt: skip


def _data_set(one: DataSet, who: datasets.Publisher, publisher: Node) -> tuple[Node, list[Node]]:
    base = settings.PUBLIC_URL
    files = store.published().of(one)
    parts = [_distribution(file, who) for file in files]
    changed = max((file.changed for file in files), default=None)
    says: dict[str, Sequence[Any]] = {
        "dct:identifier": [Text(one.id)],
        "dct:title": _texts(one.titles),
        "dct:description": _texts(one.texts),
        "dcat:keyword": [Text(word, language) for language, words in one.keywords.items() for word in words],
        "dcat:theme": [Iri(f"{_EU}data-theme/{theme}") for theme in one.themes],
        "dct:publisher": [Iri(publisher.id)],
        "dcat:contactPoint": [_contact(who)],
        "dct:license": [Iri(who.licence_url)],
        "dct:accessRights": [Iri(_EU + "access-right/PUBLIC")],
        "dct:accrualPeriodicity": [Iri(_EU + "frequency/DAILY")],
        "dct:spatial": [_box()],
        "dct:conformsTo": [Iri(f"{base}/open/{one.id}/schema.json")],
        "dcat:version": [Text(one.version)],
        "dcat:landingPage": [Iri(f"{base}/open/{one.id}")],
        "dcat:distribution": [Iri(node.id) for node in parts],
        **({"dct:modified": [_moment(changed)]} if changed else {}),
    }
    return Node("dcat:Dataset", says, f"{base}/open/{one.id}"), parts


def _distribution(file: store.OpenFile, who: datasets.Publisher) -> Node:
    base = settings.PUBLIC_URL
    form, media = _FORMATS[file.form]
    address = Iri(f"{base}/open/files/{file.name}")
    checksum = Node(
        "spdx:Checksum",
        {"spdx:algorithm": [Iri(PREFIXES["spdx"] + "checksumAlgorithm_sha256")], "spdx:checksumValue": [Text(file.sha256, type="xsd:hexBinary")]},
    )  # fmt: skip
    says: dict[str, Sequence[Any]] = {
        "dct:title": [Text(file.name)],
        "dcat:accessURL": [address],
        "dcat:downloadURL": [address],
        "dcat:mediaType": [Iri(_MEDIA + media)],
        "dct:format": [Iri(_EU + "file-type/" + form)],
        "dcat:byteSize": [Text(str(file.bytes), type="xsd:nonNegativeInteger")],
        "dct:modified": [_moment(file.changed)],
        "dct:license": [Iri(who.licence_url)],
        "spdx:checksum": [checksum],
    }
    return Node("dcat:Distribution", says, f"{base}/open/files/{file.name}#distribution")


def _service(base: str, publisher: Node, who: datasets.Publisher) -> Node:
    says: dict[str, Sequence[Any]] = {
        "dct:title": [Text("OGC API Features")],
        "dcat:endpointURL": [Iri(f"{base}/ogc")],
        "dcat:endpointDescription": [Iri(f"{base}/ogc/api")],
        "dct:conformsTo": [Iri(OGC_FEATURES)],
        "dct:publisher": [Iri(publisher.id)],
        "dct:license": [Iri(who.licence_url)],
        "dcat:servesDataset": [Iri(f"{base}/open/{name}") for name in ("reports", "units", "assets")],
    }
    return Node("dcat:DataService", says, f"{base}/ogc#service")


# ── JSON-LD 1.1 ──


def as_json_ld(nodes: Iterable[Node]) -> bytes:
    content = {"@context": PREFIXES, "@graph": [_json_node(node) for node in nodes]}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _json_node(node: Node) -> dict[str, Any]:
    ident = {"@id": node.id} if node.id else {}
    return {
        **ident,
        "@type": node.kind,
        **{name: [_json_value(v) for v in values] for name, values in node.says.items()},
    }


def _json_value(value: Any) -> Any:
    if isinstance(value, Iri):
        return {"@id": value.value}
    if isinstance(value, Node):
        return _json_node(value)
    kind = {"@language": value.language} if value.language else {"@type": value.type} if value.type else {}
    return {"@value": value.value, **kind}


# ── Turtle ──


def as_turtle(nodes: Iterable[Node]) -> bytes:
    prefixes = "".join(f"@prefix {name}: <{address}> .\n" for name, address in PREFIXES.items())
    return (
        prefixes + "\n" + "\n".join(f"<{_escaped(node.id)}> {_turtle_says(node, '  ')} .\n" for node in nodes)
    ).encode()


def _turtle_says(node: Node, indent: str) -> str:
    lines = [f"a {node.kind}"]
    lines += [
        f"{name} {', '.join(_turtle_value(v, indent) for v in values)}" for name, values in node.says.items() if values
    ]
    return f" ;\n{indent}".join(lines)


def _turtle_value(value: Any, indent: str) -> str:
    if isinstance(value, Iri):
        return f"<{_escaped(value.value)}>"
    if isinstance(value, Node):
        return f"[ {_turtle_says(value, indent + '  ')} ]"
    text = value.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{text}"' + (f"@{value.language}" if value.language else f"^^{value.type}" if value.type else "")


def _escaped(address: str) -> str:
    """Without what an IRI may not hold (RFC 3987)."""
    return "".join(f"%{ord(sign):02X}" if sign in '<>"{}|^`\\ ' else sign for sign in address)
