"""Situation report and review as papers."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.city.clock import city_zone, local, moment_text
from hues.city.pack import settings as pack_settings
from hues.command import reporting
from hues.command.models import Review, ReviewPoint, Sitrep
from hues.command.queries.board import Board
from hues.command.queries.timeline import Moment
from hues.kernel import pdf

_MOMENTS_MOST = 400


def by_unit(sitrep: Sitrep, language: str) -> list[tuple[str, int]]:
    known = reference.units_by_code()
    return [(known[code].name(language), n) for code, n in sitrep.figures.get("by_unit", []) if code in known]


def by_category(sitrep: Sitrep, language: str) -> list[tuple[str, int]]:
    known = reference.categories_by_code()
    return [(known[code].name(language), n) for code, n in sitrep.figures.get("by_category", []) if code in known]


def _paper(title: str, note: str) -> pdf.Paper:
    language = get_language() or "vi"
    names = pack_settings()["names"]
    place = names.get(language) or next(iter(names.values()))
    return pdf.document(title, language, note=note, zone=city_zone(), place=place)


def sitrep_paper(found: Board, sitrep: Sitrep, figures: Sequence[reporting.Figure]) -> pdf.Paper:
    """In the language that the report was drafted in, which is active."""
    language = sitrep.language
    title = _("Situation report no. {n}").format(n=sitrep.number)
    since, until = moment_text(sitrep.since, language), moment_text(sitrep.until, language)
    note = f"{found.incident.name} ({found.incident.code}) · {_('{since} to {until}').format(since=since, until=until)}"
    paper = _paper(title, note)
    level = found.level.names.get(language) or found.level_name
    paper.rows(
        [
            (_("Level"), level),
            (_("Area"), found.area_name),
            (_("Operational period"), str(sitrep.period)),
            (_("State"), _signed(sitrep)),
        ]
    )
    paper.chapter(_("Figures"))
    _figures(paper, figures)
    for heading, rows in ((_("By kind"), by_category(sitrep, language)), (_("By place"), by_unit(sitrep, language))):
        if rows:
            paper.write_as(9, bold=True)
            paper.line_of(heading)
            paper.rows([(name, str(n)) for name, n in rows], label_width=110)
    for name, label in reporting.SECTIONS.items():
        paper.chapter(str(label))
        paper.text_of(sitrep.sections.get(name) or _("Nothing to report."), muted=not sitrep.sections.get(name))
    if sitrep.signed_at:
        paper.ln(4)
        paper.rows([(_("Signed by"), _signed(sitrep)), ("SHA-256", sitrep.sha256)])
    return paper


def _signed(sitrep: Sitrep) -> str:
    if not sitrep.signed_at:
        return _("Draft, not signed")
    who = sitrep.signed_by.name if sitrep.signed_by else ""
    return _("{person}, {moment}").format(person=who, moment=moment_text(sitrep.signed_at, sitrep.language))


def _figures(paper: pdf.Paper, figures: Sequence[reporting.Figure]) -> None:
    paper.write_as(9.5)
    paper.set_draw_color(*pdf.LINE)
    paper.set_line_width(0.2)
    with paper.table(
        col_widths=(100, 40, 40),
        text_align=("LEFT", "RIGHT", "RIGHT"),
        borders_layout="HORIZONTAL_LINES",
        line_height=5.6,
    ) as table:
        head = table.row()
        for word in (_("Figure"), _("Now"), _("Change since then")):
            head.cell(word)
        for figure in figures:
            row = table.row()
            row.cell(figure.label)
            row.cell(str(figure.now))
            row.cell(figure.change_text)
    paper.write_as()
    paper.ln(1)


def review_paper(found: Board, measured: Sequence[dict[str, str]], moments: Sequence[Moment]) -> pdf.Paper:
    language, incident = get_language() or "vi", found.incident
    note = f"{found.kind_name} · {found.level_name} · {found.area_name}"
    paper = _paper(f"{_('Review')}: {incident.name}", f"{incident.code} · {note}")
    written = Review.objects.filter(incident=incident).first()
    paper.text_of(written.summary if written and written.summary else _("Not written yet."))
    paper.chapter(_("Times"))
    paper.rows([(row["label"], f"{row['value']} ({row['note']})") for row in measured])
    points = list(written.points.select_related("owner", "order").order_by("pk")) if written else []
    for kind, heading in ((ReviewPoint.Kind.WELL, _("Went well")), (ReviewPoint.Kind.MEND, _("To mend"))):
        paper.chapter(heading)
        lines = [_point(point, language) for point in points if point.kind == kind]
        paper.text_of("\n".join(f"- {line}" for line in lines) or _("Nothing to report."))
    paper.chapter(_("What happened"))
    paper.rows(
        [(f"{local(one.at):%d/%m %H:%M}", f"{one.text} ({one.who})") for one in moments[:_MOMENTS_MOST]], label_width=24
    )
    return paper


def _point(point: Any, language: str) -> str:
    if not point.owner:
        return str(point.text)
    due = moment_text(point.due_at, language) if point.due_at else ""
    code = f", {point.order.code}" if point.order else ""
    return f"{point.text} ({point.owner.name(language)}, {due}{code})"
