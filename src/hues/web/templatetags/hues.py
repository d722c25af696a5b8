"""Template words that every page may use; README.md shows each. Built into the template engine: no `{% load %}`."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from hues.city import pack
from hues.city.assets.near import shown
from hues.city.clock import city_zone
from hues.kernel import tickets
from hues.web import fields, looks, pictures, words
from hues.web.looks import Look, read
from hues.web.modules import imports_of
from hues.web.sheets import SHEETS

SPRITE = Path(__file__).parents[1] / "static" / "web" / "icons.svg"
OWN_ICONS = frozenset(re.findall(r'id="([\w-]+)"', SPRITE.read_text(encoding="utf-8")))

register = template.Library()
register.filter("distance", words.distance)
register.filter("money", words.money)
register.filter("number", words.number)
register.filter("percent", words.percent)


@register.filter
def named(thing: Any) -> str:
    """The name of a category, unit or agency in the reader's language."""
    return str(thing.name(get_language() or "vi")) if thing else ""


@register.filter
def short_unit(unit: Any) -> str:
    """A unit without the word for what it is, where there is little room: "Thuận Hóa" for "Phường Thuận Hóa"."""
    name = named(unit)
    kind = pack.settings()["unit_kinds"].get(unit.kind) if unit else None
    form = str((kind or {}).get("full", {}).get(get_language() or "vi", ""))
    before, found, after = form.partition("{name}")
    return name.removeprefix(before).removesuffix(after) if found else name


@register.filter
def undo_url(tags: str) -> str:
    """The address in a message's `extra_tags="undo:/…"`."""
    return next((tag.removeprefix("undo:") for tag in (tags or "").split() if tag.startswith("undo:/")), "")


@register.filter
def local_date(at: datetime | None, style: str = "full") -> str:
    return words.moment(at, style) if at else ""


@register.simple_tag
def moment(at: datetime | date | None, style: str = "full") -> str | SafeString:
    """`<time>` with the words inside and the full date on hover; of a day (a promise, a holiday), the day."""
    if not at:
        return ""
    if not isinstance(at, datetime):
        day = words.moment(datetime.combine(at, time(12), tzinfo=city_zone()), "day")
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), day)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        words.moment(at),
        words.moment(at, style),
    )


@register.simple_tag
def icon(name: str, label: str = "", **attributes: str) -> SafeString:
    """An icon of our sprite, or of the categories' (see `hues build-web`); decorative unless it has a label."""
    return _drawn(name or "flag", str(label), str(attributes.get("class", "")))


@lru_cache(2048)
def _drawn(name: str, label: str, more: str) -> SafeString:
    """A page has thirty of them, and a city a few hundred in all."""
    sprite = "web/icons.svg" if name in OWN_ICONS else "vendor/kinds.svg"
    classes = f"icon {more}".strip()
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#{}"></use></svg>', classes, role, static(sprite), name)


def _chip(look: Look, extra: Any = "", kind: str = "") -> SafeString:
    return format_html(
        '<span class="chip {} {}">{}<span>{}{}</span></span>', look.tone, kind, icon(look.icon), look.word, extra
    )


@register.simple_tag
def state_chip(case: Any) -> SafeString:
    return _chip(looks.public_look(case))


@register.simple_tag
def staff_state_chip(case: Any) -> SafeString:
    return _chip(looks.staff_look(case))


@register.simple_tag
def group_sign(group: str) -> SafeString:
    look = looks.GROUPS.get(group) or looks.GROUPS["timed"]
    return _chip(look, kind="outline")


@register.simple_tag
def outcome_chip(outcome: str) -> str | SafeString:
    look = looks.OUTCOMES.get(outcome)
    return _chip(look) if look else ""


@register.simple_tag
def clock_chip(case: Any, style: str = "near") -> str | SafeString:
    """The state of the clock as sign and word, with when it is due (`near`, `full`) or by how much it is over."""
    state = looks.clock_state(case)
    if not state:
        return ""
    when = looks.clock_words(case, style)
    detail = format_html(' <span class="num">{}</span>', when) if when else ""
    return _chip(looks.CLOCKS[state], detail, kind="clock")


@register.inclusion_tag("web/parts/stages.html")
def stages(case: Any) -> dict[str, Any]:
    """The stepper of public stages."""
    names = list(looks.STAGES)
    at = names.index(looks.stage_of(case))
    done = looks.stage_of(case) == "done"
    return {
        "stages": [
            {"word": looks.STEPS[name], "mark": "done" if done or i < at else "now" if i == at else "next"}
            for i, name in enumerate(names)
        ],
        "now": looks.public_look(case).word,
    }


@register.simple_tag
def photo(
    file: Any,
    variant: str = "thumb",
    alt: str = "",
    link: bool = False,
    own: bool = False,
    desk: bool = False,
    **attributes: str,
) -> str | SafeString:
    """An image of the file store; with `link`, it opens the large one (on the desk: the page about it). `own`: on pages
    of whoever sent it, who sees it as it is and may play a video."""
    if not file:
        return ""
    classes = attributes.get("class", "photo")
    return pictures.picture(file, variant, alt, link=link, own=own, desk=desk, classes=classes)


@register.inclusion_tag("web/parts/photo_scripts.html")
def photo_scripts() -> dict[str, Any]:
    """For pages with photos that open large, and with before and after: in the block `scripts`."""
    return {}


@register.inclusion_tag("web/parts/field.html")
def field(spec: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {"f": fields.prepared({**spec, **changes})}


@register.inclusion_tag("web/parts/field.html")
def question(spec: Mapping[str, Any], value: Any = None, error: str = "") -> dict[str, Any]:
    """One extra question of a category."""
    return {"f": fields.prepared(fields.from_question(spec, value, error, get_language() or "vi"))}


@register.inclusion_tag("web/parts/photo_field.html")
def photo_field(
    name: str = "photos", label: str = "", hint: str = "", error: str = "", most: int = 4, **more: Any
) -> dict[str, Any]:
    spoken = {
        "one": _("Photo {n}"),
        "count": _("Photos chosen: {n}"),
        "remove": _("Remove photo"),
        "many": _("At most {n} photos").format(n=most),
        "place": _("The photo tells where it was taken."),
        "bad": _("This file is not a photo."),
    }
    known = {"name": name, "label": label or _("Photos"), "hint": hint, "error": error, "most": most}
    return {**known, "words": json.dumps(spoken), **more}


@register.inclusion_tag("web/parts/place_field.html")
def place_field(
    name: str = "address", value: str = "", label: str = "", hint: str = "", error: str = ""
) -> dict[str, Any]:
    spoken = {
        "locating": _("Looking for your position…"),
        "denied": _("The device does not give its position. Type the address or tap the map."),
        "here": _("Your position"),
        "none": _("No such place found. Tap the map instead."),
    }
    known = {"name": name, "value": value, "label": label or _("Where?"), "hint": hint, "error": error}
    return {**known, "words": json.dumps(spoken)}


@register.inclusion_tag("web/parts/pick_map.html", takes_context=True)
def pick_map(context: Context, lat: float | None = None, lon: float | None = None, source: str = "") -> dict[str, Any]:
    return {"lat": _plain(lat), "lon": _plain(lon), "source": source, "shell": context.get("shell")}


@register.inclusion_tag("web/parts/map.html", takes_context=True)
def map(context: Context, source: str = "", points: Any = None, **options: Any) -> dict[str, Any]:
    """The map island: `source` is an address with GeoJSON by bbox and zoom; `points` a few dicts with lat, lon, title, url."""
    spoken = {
        "open": pgettext("verb", "Open"),
        "many": _("{n} reports here. Come closer to see them."),
        "near": _("Where I am"),
        "failed": _("The map cannot be drawn on this device. The list has everything."),
        "states": {state: str(looks.public_look(state).word) for state in looks.STATE_STAGE},
        "stages": looks.STATE_STAGE,
        "close": _("Close"),
    }
    known = {
        "source": source,
        "points": json.dumps(points, default=str) if points else "",
        "shell": context.get("shell"),
    }
    return {**known, "words": json.dumps(spoken), **options}


def _plain(value: float | None) -> str:
    """A coordinate as HTML and JavaScript want it, whatever the reader's decimal sign."""
    return "" if value is None or value == "" else repr(float(value))


@register.inclusion_tag("web/parts/error_summary.html")
def error_summary(errors: Mapping[str, str] | None, title: str = "") -> dict[str, Any]:
    return {"errors": errors or {}, "title": title or _("Please check these places")}


@register.inclusion_tag("web/parts/page_links.html", takes_context=True)
def page_links(context: Context, page: Any) -> dict[str, Any]:
    """The older rows of a keyset page, and the way back to the newest."""
    request = context.get("request")
    older = read(page, "next")
    return {
        "older": _changed(request, after=older) if older else "",
        "first": _changed(request, after=None) if request and request.GET.get("after") else "",
    }


def _changed(request: Any, **changes: Any) -> str:
    parameters = request.GET.copy() if request else None
    if parameters is None:
        return "?"
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in (None, ""):
            parameters[name] = str(value)
    return "?" + parameters.urlencode()


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """This page's address with some parameters changed; None removes one."""
    return _changed(context.get("request"), **changes)


@register.inclusion_tag("web/parts/back.html")
def back(url: str, label: str = "") -> dict[str, str]:
    return {"url": url, "label": label or _("Back")}


@register.inclusion_tag("web/parts/emergency.html", takes_context=True)
def emergency(context: Context, numbers: Any = None, title: str = "") -> dict[str, Any]:
    """The city's emergency numbers, or the given ones: [{"number", "name"}] or plain numbers."""
    city = read(context.get("shell"), "city")
    known = read(city, "emergency", []) or []
    names = {str(row["number"]): row for row in known}
    shown = [n if isinstance(n, Mapping) else names.get(str(n), {"number": n, "name": ""}) for n in numbers or known]
    return {"numbers": shown, "title": title, "urgent": numbers is not None}


@register.inclusion_tag("web/parts/empty.html")
def empty(icon: str, title: str, text: str = "", url: str = "", label: str = "") -> dict[str, str]:
    return {"icon": icon, "title": title, "text": text, "url": url, "label": label}


def style_sheets(shell: str) -> list[str]:
    """The addresses of a shell's style sheets: one file where `hues build-web` made it, else as they lie."""
    one = f"web/bundle-{shell}.css"
    if one in getattr(staticfiles_storage, "hashed_files", ()):
        names: tuple[str, ...] = (one,)
    else:
        names = tuple(f"web/{name}.css" for name in SHEETS[shell])
    return [static(name) for name in names]


@register.simple_tag
def styles(shell: str) -> SafeString:
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((address,) for address in style_sheets(shell)))


@register.simple_tag
def module(name: str) -> SafeString:
    """A module's script, and with it what it imports: one journey instead of one for each level."""
    early = format_html_join("", '<link rel="modulepreload" href="{}">', ((static(n),) for n in imports_of(name)))
    return early + format_html('<script type="module" src="{}"></script>', static(name))


@register.filter
def asset_shown(asset: str | None) -> str:
    """ "Cột đèn NH-0231" for "lamp/NH-0231"; what was written by hand stays as it is."""
    return shown(asset) if asset else ""


@register.simple_tag
def htmx() -> SafeString:
    return format_html('<script src="{}" defer></script>', static("vendor/htmx/htmx.min.js"))


@register.simple_tag(takes_context=True)
def live_attributes(context: Context) -> str | SafeString:
    """Where the page listens and with which ticket, if it named `live_topics`; for `live_seconds`, where the page says so."""
    topics = context.get("live_topics")
    shell = context.get("shell")
    if not topics or shell is None:
        return ""
    ticket = tickets.issue(topics, context.get("live_seconds") or tickets.TTL)
    pairs = (("url", shell.live_url), ("ticket", ticket))
    return format_html_join("", ' data-live-{}="{}"', pairs)
