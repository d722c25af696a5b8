"""The morning brief on one sheet of paper."""

from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf.enums import Align
from fpdf.fonts import FontFace

from hues.city import pack
from hues.city.clock import city_zone, day_text
from hues.insights.catalogue import said
from hues.insights.scorecards.brief import Brief
from hues.kernel import pdf
from hues.kernel.pdf import Paper

_HEAD = FontFace(emphasis="BOLD", color=pdf.MUTED, size_pt=8)


def draw(brief: Brief) -> Paper:
    language = get_language() or "vi"
    paper = pdf.document(
        _("Morning brief"),
        language,
        note=_("{day}: what is not as it should be, and yesterday in figures").format(day=day_text(brief.day)),
        zone=city_zone(),
        place=said(pack.settings()["names"]),
    )
    paper.chapter(_("Exceptions"))
    if not brief.exceptions:
        paper.text_of(_("Nothing out of the ordinary."))
    for one in brief.exceptions:
        _exception(paper, one.text, one.tone == "bad")
    paper.chapter(_("In figures"))
    _table(
        paper,
        (_("What is counted"), _("Value"), _("Usual, or target"), _("Of what")),
        [(line.name, line.value, line.usual, line.note) for line in brief.lines],
        (62, 24, 28, 66),
        right=(1, 2),
    )
    if brief.late:
        paper.chapter(_("Late now"))
        rows = [(name, str(n), oldest) for name, n, oldest, _url in brief.late]
        _table(paper, (_("Agency"), _("Cases"), _("The oldest by")), rows, (120, 25, 35), right=(1, 2))
    if brief.risen:
        paper.chapter(_("More than usual"))
        rows = [(name, str(n), usual) for name, n, usual, _url in brief.risen]
        _table(paper, (_("Kind of report"), _("Yesterday"), _("Usual")), rows, (120, 25, 35), right=(1, 2))
    return paper


def _exception(paper: Paper, text: str, bad: bool) -> None:
    left = paper.l_margin
    paper.set_fill_color(*(pdf.BAD if bad else pdf.WARN))
    paper.rect(left, paper.get_y() + 1.4, 2, 2, style="F")
    paper.set_left_margin(left + 5)
    paper.set_x(left + 5)
    paper.write_as(9.5, bold=bad)
    paper.line_of(text, height=5)
    paper.set_left_margin(left)
    paper.set_fill_color(255)
    paper.write_as()


def _table(
    paper: Paper, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], *, right: Sequence[int]
) -> None:
    paper.write_as(9)
    paper.set_draw_color(*pdf.LINE)
    aligns = [Align.R if at in right else Align.L for at in range(len(head))]
    with paper.table(
        col_widths=tuple(widths), text_align=tuple(aligns), headings_style=_HEAD, borders_layout="HORIZONTAL_LINES",
        line_height=4.6, padding=(0.4, 1),
    ) as table:  # fmt: skip
        for row in (head, *rows):
            cells = table.row()
            for text in row:
                cells.cell(text)
