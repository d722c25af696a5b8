"""Tables as files: CSV, XLSX and JSON. Each says what its figures mean, of when they are, and whether they are sample data.

A spreadsheet takes a cell that begins with = + - @, a tab or a return for a formula (OWASP: CSV injection). Names of places
and agencies are somebody's input, so such a cell gets an apostrophe before it; XLSX writes texts as texts besides.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from hues.city.clock import moment_text
from hues.city.pack import city_id
from hues.insights.catalogue import Indicator
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound

Value = str | int | float | None
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """`columns` are (id, name); a row has a value for each."""

    name: str  # of the file
    title: str
    period: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Value]]
    definitions: Sequence[Indicator] = ()
    notes: Sequence[str] = field(default_factory=list)
    scope: Mapping[str, str] = field(default_factory=dict)  # what was asked, for the journal

    @property
    def about(self) -> list[str]:
        sample = [_("Sample data: the figures are of no real place.")] if settings.SANDBOX else []
        made = _("Made {moment}").format(moment=moment_text(clock.now()))
        return [self.title, *filter(None, [self.period]), *sample, made, *self.notes]


def harmless(value: Value) -> Value:
    """The same, if it is no text that a spreadsheet would compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value


def answer(actor: Actor, table: Table, form: str) -> HttpResponse:
    """The table as a file; that it was taken is journalled. Raises NotFound for a form that there is not."""
    if form not in _FORMS:
        raise NotFound(_("There is no such page."))
    kind, write = _FORMS[form]
    content = write(table)
    with transaction.atomic():
        journal.record(
            actor=actor,
            action="insights.exported",
            subject_kind="city",
            subject_id=city_id(settings.CITY),
            topics=["centre"],
            centre={"table": table.name, "form": form, "rows": len(table.rows), **table.scope},
        )
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{table.name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _csv(table: Table) -> bytes:
    """Lines that begin with # say what it is; then the table."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in table.about:
        writer.writerow([f"# {line}"])
    for one in table.definitions:
        writer.writerow([f"# {one.id} ({one.name}): {one.formula}. {one.definition}"])
    writer.writerow([identity for identity, _name in table.columns])
    for row in table.rows:
        writer.writerow([harmless(value) for value in row])
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(table: Table) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, wrap = (
        book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        book.add_format({"text_wrap": True}),
    )
    sheet = book.add_worksheet(_("Table"))
    for at, line in enumerate(table.about):
        sheet.write_string(at, 0, str(harmless(line)), bold if not at else None)
    top = len(table.about) + 1
    for at, (_identity, name) in enumerate(table.columns):
        sheet.write_string(top, at, str(harmless(name)), bold)
    for number, row in enumerate(table.rows, start=top + 1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, at, str(harmless(value)))
            elif value is not None:
                sheet.write_number(number, at, value)
    sheet.freeze_panes(top + 1, 1)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, max(1, len(table.columns) - 1), 14)
    if table.rows:
        sheet.autofilter(top, 0, top + len(table.rows), len(table.columns) - 1)
    _define(book.add_worksheet(_("Definitions")), table, bold, wrap)
    book.close()
    return out.getvalue()


def _define(sheet: Any, table: Table, bold: Any, wrap: Any) -> None:
    heads = (_("Id"), _("Indicator"), _("Formula"), _("Of what"), _("Meaning"), _("Source"), _("Answers for it"))
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, bold)
    for number, one in enumerate(table.definitions, start=1):
        texts = (one.id, one.name, one.formula, one.denominator, one.definition, one.taken_from, one.owned_by)
        for at, text in enumerate(texts):
            sheet.write_string(number, at, str(harmless(text)), wrap)
    sheet.set_column(0, 3, 24)
    sheet.set_column(4, 4, 70)


def _json(table: Table) -> bytes:
    names = [identity for identity, _name in table.columns]
    return orjson.dumps(
        {
            "about": table.about,
            "sample": settings.SANDBOX,
            "period": table.period,
            "definitions": [
                {"id": one.id, "name": one.name, "formula": one.formula, "over": one.denominator,
                 "meaning": one.definition, "source": one.taken_from, "owner": one.owned_by, "target": one.target}
                for one in table.definitions
            ],
            "rows": [dict(zip(names, row, strict=True)) for row in table.rows],
        },
        option=orjson.OPT_INDENT_2,
    )  # fmt: skip


_FORMS: Mapping[str, tuple[str, Callable[[Table], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": ("application/json", _json),
}
