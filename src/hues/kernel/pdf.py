"""Papers: PDF in the house's type, with a head, and a foot that says page, time and whether the figures are sample data.

    paper = pdf.document(_("Situation report"), "vi", note="06:00–12:00, 27/10/2025", zone=city_zone(), place="Huế")
    paper.chapter(_("Objectives"))
    paper.text_of("…")
    paper.rows([("Mực nước", "3,58 m")])
    with paper.table(col_widths=(3, 1)) as table: ...   # everything else of fpdf2 is there as well
    return pdf.answer(paper, "situation.pdf")

Text is Vietnamese: it is written in NFC, and the type holds every Vietnamese letter.
"""

import io
import logging
import os
import zlib
from collections.abc import Iterable
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from hues.kernel import clock

FAMILY = "Be Vietnam Pro"
INK, MUTED, LINE, PURPLE, TINT = (27, 22, 34), (95, 88, 112), (228, 222, 236), (91, 42, 134), (244, 238, 250)
GOOD, WARN, BAD = (30, 123, 79), (154, 91, 0), (179, 38, 30)
MARGIN = 15  # millimetres
_CUTS = ("core", "latin", "vietnamese", "latin-ext")
_NOT_IN_TYPE = str.maketrans({"≥": ">=", "≤": "<=", "≈": "~", "→": "›", "←": "‹", "✓": "•", "▲": "+", "▼": "−"})
for _name in ("fontTools", "fpdf"):  # they tell every step, and letters of other scripts that somebody wrote
    logging.getLogger(_name).setLevel(logging.ERROR)


class Paper(FPDF):
    """A4 upright. Lengths are millimetres, sizes of type points."""

    def __init__(self, title: str, language: str, *, zone: tzinfo, place: str) -> None:
        super().__init__(format="A4")
        self.language, self.place, self.at = language, place, clock.now().astimezone(zone)
        for style, weight in (("", 400), ("B", 600)):
            self.add_font(FAMILY, style, str(type_file(weight)))
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Hue-S")
        self.set_creation_date(self.at)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN + 6)
        self.alias_nb_pages()
        self.write_as()

    def normalize_text(self, text: str) -> str:
        """Letters of one piece each: the type holds no marks to be put on letters."""
        return str(super().normalize_text(normalize("NFC", text).translate(_NOT_IN_TYPE)))

    def write_as(self, size: float = 9.5, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)

    def line_of(self, text: str, *, height: float = 5, align: Align = Align.L) -> None:
        """One paragraph over the whole width, and on to the next line."""
        self.multi_cell(0, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self, title: str, note: str = "") -> None:
        """The title of the paper, with a rule below it."""
        self.write_as(17, bold=True, colour=PURPLE)
        self.line_of(title, height=8)
        if note:
            self.write_as(9, colour=MUTED)
            self.line_of(note, height=4.6)
        self.ln(1.5)
        self.rule(PURPLE, 0.6)
        self.ln(2.5)

    def rule(self, colour: tuple[int, int, int] = LINE, width: float = 0.2) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    def chapter(self, title: str) -> None:
        if self.will_page_break(14):
            self.add_page()
        self.ln(2)
        self.write_as(11.5, bold=True, colour=PURPLE)
        self.line_of(title, height=6)
        self.write_as()

    def text_of(self, text: str, *, muted: bool = False, size: float = 9.5) -> None:
        self.write_as(size, colour=MUTED if muted else INK)
        self.line_of(text, height=size * 0.5)
        self.write_as()

    def rows(self, pairs: Iterable[tuple[str, str]], *, label_width: float = 48) -> None:
        """Names on the left, what they are on the right."""
        for name, value in pairs:
            self.write_as(9, colour=MUTED)
            self.cell(label_width, 5, name)
            self.write_as(9.5)
            self.line_of(value or "–")

    def footer(self) -> None:
        """Called by fpdf2 at the end of each page."""
        self.set_y(-MARGIN)
        self.rule()
        self.ln(1.5)
        with translation.override(self.language):
            sample = _("Sample data: the figures are of no real place.") if settings.SANDBOX else ""
            page = _("Page {page} of {pages}").format(page=self.page_no(), pages="{nb}")
            zone = " UTC" if self.at.tzinfo is UTC else ""
            made = _("Made {moment}").format(moment=f"{self.at:%H:%M, %d/%m/%Y}{zone}")
        self.write_as(8, bold=True, colour=BAD)
        self.cell(0, 4, sample)
        self.set_x(self.l_margin)
        self.write_as(8, colour=MUTED)
        self.cell(0, 4, " · ".join(filter(None, (self.place, made, page))), align=Align.R)
        self.write_as()


def document(title: str, language: str, *, note: str = "", zone: tzinfo = UTC, place: str = "") -> Paper:
    """A paper with its first page open, and on it the title and what it is about. `place` names in the foot whose it is."""
    paper = Paper(title, language, zone=zone, place=place)
    paper.add_page()
    paper.head(title, note)
    return paper


def answer(paper: FPDF, name: str, *, inline: bool = True) -> HttpResponse:
    response = HttpResponse(bytes(paper.output()), content_type="application/pdf")
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@cache
def type_file(weight: int) -> Path:
    """The type as one TrueType file: npm brings it in parts by script, papers need it whole. Made once an installation."""
    parts = [_part(f"vendor/fonts/be-vietnam-pro-{cut}-{weight}.woff2") for cut in _CUTS]
    mark = zlib.crc32(b"".join(part.read_bytes() for part in parts))
    path = Path(settings.DATA_DIR) / "type" / f"be-vietnam-pro-{weight}-{mark:08x}.ttf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(_joined(parts))
        draft.replace(path)
    return path


def _part(name: str) -> Path:
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(f"{name} is not there: run `hues build-web`")
    return Path(str(found))


def _joined(parts: Iterable[Path]) -> bytes:
    from fontTools.merge import Merger, Options
    from fontTools.ttLib import TTFont

    plain: list[Any] = []
    for part in parts:
        font, out = TTFont(part), io.BytesIO()
        font.flavor = None
        font.save(out)
        out.seek(0)
        plain.append(out)
    # Rules of layout are for engines that shape text; ours sets letter by letter.
    whole, out = Merger(Options(drop_tables=["GSUB", "GPOS", "GDEF", "gasp"])).merge(plain), io.BytesIO()
    whole.save(out)
    return out.getvalue()
