"""Rows as CSV (RFC 4180), GeoJSON (RFC 7946) and GeoParquet 1.1, all three in one pass, in memory a few thousand rows at a time."""

import csv
import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import orjson
import shapely

from hues.insights.opendata.datasets import DataSet
from hues.insights.opendata.rows import Row, as_utc

CHUNK = 4000


class Writer(Protocol):
    def add(self, rows: list[Row]) -> None: ...

    def close(self) -> None: ...


def write_files(data_set: DataSet, rows: Iterable[Row], paths: Mapping[str, Path]) -> int:
    """Write every form of a part of a data set; returns how many rows. Raises KeyError for a row that has not exactly the data set's columns."""
    columns, count = set(data_set.names), 0
    with ExitStack() as closing:
        writers: list[Writer] = []
        for form, path in paths.items():
            writers.append(_WRITERS[form](data_set, path))
            closing.callback(writers[-1].close)
        chunk: list[Row] = []
        for row in rows:
            if row.keys() != columns:
                raise KeyError(f"{data_set.id}: {sorted(row.keys() ^ columns)}")
            chunk.append(row)
            if len(chunk) == CHUNK:
                count += _hand_out(writers, chunk)
                chunk = []
        count += _hand_out(writers, chunk)
    return count


def _hand_out(writers: Iterable[Writer], chunk: list[Row]) -> int:
    for writer in writers:
        writer.add(chunk)
    return len(chunk)


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ── CSV ──


class CsvWriter:
    """UTF-8 with a mark, so that spreadsheets read it; texts that they would take for a formula begin with an apostrophe."""

    def __init__(self, data_set: DataSet, path: Path) -> None:
        self.columns = [column for column in data_set.columns if column.csv]
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.out = csv.writer(self.file, lineterminator="\r\n")
        self.out.writerow([column.name for column in self.columns])

    def add(self, rows: list[Row]) -> None:
        pairs = [(column.name, _CELLS[column.type]) for column in self.columns]
        self.out.writerows([["" if row[name] is None else cell(row[name]) for name, cell in pairs] for row in rows])

    def close(self) -> None:
        self.file.close()


def harmless(text: str) -> str:
    """A cell that begins like a formula is one to a spreadsheet (OWASP: CSV injection), also behind blanks."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff")[:1] in _FORMULA and text.strip() else text


_FORMULA = frozenset("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")  # and their full-width twins


def _wkt(geometry: Mapping[str, Any]) -> str:
    if geometry["type"] == "Point":
        lon, lat = geometry["coordinates"][:2]
        return f"POINT ({lon!r} {lat!r})"
    return str(shapely.to_wkt(_shape(geometry), rounding_precision=7, trim=True))


def _shape(geometry: Mapping[str, Any]) -> Any:
    return shapely.from_geojson(orjson.dumps(geometry).decode())


_CELLS: Mapping[str, Any] = {
    "string": lambda value: harmless(str(value)),
    "integer": str,
    "number": repr,
    "boolean": lambda value: "true" if value else "false",
    "date": date.isoformat,
    "datetime": as_utc,
    "geometry": _wkt,
}


# ── GeoJSON ──


class GeoJsonWriter:
    def __init__(self, data_set: DataSet, path: Path) -> None:
        self.columns = [column for column in data_set.columns if column.type != "geometry"]
        self.file = path.open("wb")
        head = {"name": data_set.id, "version": data_set.version}
        self.file.write(b'{"type":"FeatureCollection",' + orjson.dumps(head)[1:-1] + b',"features":[')
        self.first = True

    def add(self, rows: list[Row]) -> None:
        for row in rows:
            self.file.write(b"\n" if self.first else b",\n")
            self.first = False
            self.file.write(orjson.dumps(feature(row, self.columns)))

    def close(self) -> None:
        self.file.write(b"\n]}\n")
        self.file.close()


def feature(row: Row, columns: Iterable[Any], ident: Any = None) -> dict[str, Any]:
    """A row as a feature: every column but the geometry is a property."""
    properties = {column.name: as_json(row[column.name]) for column in columns if column.type != "geometry"}
    return {
        "type": "Feature",
        **({"id": ident} if ident is not None else {}),
        "geometry": row.get("geometry"),
        "properties": properties,
    }


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return as_utc(value)
    return value.isoformat() if isinstance(value, date) else value


# ── Parquet ──


class ParquetWriter:
    """Zstandard, one row group a chunk; shapes as WKB with the `geo` metadata of GeoParquet 1.1."""

    def __init__(self, data_set: DataSet, path: Path) -> None:
        import pyarrow as pa  # only the job that writes needs its 100 MB
        import pyarrow.parquet as pq

        self.pa, self.columns = pa, data_set.columns
        types = {
            "string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
            "datetime": pa.timestamp("ms", tz="UTC"), "geometry": pa.binary(),
        }  # fmt: skip
        fields = [
            pa.field(column.name, types[column.type], metadata={"description": column.meanings["en"]})
            for column in data_set.columns
        ]
        about = {"dataset": data_set.id, "version": data_set.version}
        if data_set.geometry != "none":
            kinds = ["Point"] if data_set.geometry == "point" else []
            geo = {"encoding": "WKB", "geometry_types": kinds}  # without a crs: OGC:CRS84
            about["geo"] = json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geo}})
        self.schema = pa.schema(fields, metadata=about)
        self.out = pq.ParquetWriter(path, self.schema, compression="zstd")

    def add(self, rows: list[Row]) -> None:
        if not rows:
            return
        arrays = [
            self.pa.array(
                [_wkb(row[column.name]) for row in rows]
                if column.type == "geometry"
                else [row[column.name] for row in rows],
                type=field.type,
            )
            for column, field in zip(self.columns, self.schema, strict=True)
        ]
        self.out.write_table(self.pa.Table.from_arrays(arrays, schema=self.schema))

    def close(self) -> None:
        self.out.close()


def _wkb(geometry: Mapping[str, Any] | None) -> bytes | None:
    if geometry is None:
        return None
    if geometry["type"] == "Point":
        return struct.pack("<BIdd", 1, 1, *geometry["coordinates"][:2])
    return bytes(shapely.to_wkb(_shape(geometry)))


_WRITERS: Mapping[str, Any] = {"csv": CsvWriter, "geojson": GeoJsonWriter, "parquet": ParquetWriter}
