"""The door to photos and videos. Under one address everyone gets what is for them: their own as it is, all others the
masked picture; before that is made, a quiet tile.
"""

from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hues.cases.queries.photos import Sight, see_file
from hues.kernel import files
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound
from hues.kernel.http.ranges import ranged
from hues.kernel.models import StoredFile

_OWN = "private, max-age=3600"
_SALT = "photos.original"
_OPEN_FOR = 1800  # seconds that an original stays open after it was asked for
_ORIGINAL = {"original", files.CLIP}


@require_safe
def photo(request: HttpRequest, file_id: UUID, variant: str) -> HttpResponseBase:
    """A variant of a stored file. What is not for this viewer is not there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sight = see_file(actor, file_id, drafts=request.session.get("drafts") or ())
    if sight is None or variant not in {*files.VARIANTS, *files.MASKED, *_ORIGINAL}:
        raise NotFound(_("There is no such photo."))
    if variant in _ORIGINAL:
        return _original(request, file_id, sight, actor)
    if sight.level == "own" and variant in files.VARIANTS:
        return _bytes(file_id, variant, 0, _OWN) if sight.ready else tile(sight, variant)
    masked = variant if variant in files.MASKED else f"masked-{variant}"
    if sight.masking != StoredFile.Masking.DONE:
        return tile(sight, variant)
    # A moderated photo may be hidden again: everyone's copy lives for an hour, not for ever.
    return _bytes(file_id, masked, sight.masks, "public, max-age=3600" if sight.level == "public" else _OWN)


def open_ticket(actor: Actor, file_id: UUID) -> str:
    """Lets this person fetch the original for a while. Only given out by what writes it into the journal."""
    return signing.dumps([str(actor.id), str(file_id)], salt=_SALT)


def _original(request: HttpRequest, file_id: UUID, sight: Sight, actor: Actor) -> HttpResponseBase:
    """The picture or film as it is: for whoever sent it, and for those who handle the case and asked for it just now."""
    if sight.level != "own" and not (sight.handles and _asked(request.GET.get("seen", ""), actor, file_id)):
        raise NotFound(_("There is no such photo."))
    if not sight.ready:
        return tile(sight, "full")
    if sight.is_video:
        answer = ranged(request, files.open_variant(file_id, files.CLIP), "video/mp4")
        answer["Content-Disposition"] = f'inline; filename="{file_id}.mp4"'
        answer["Cache-Control"] = "private, no-store"
        return answer
    return _bytes(file_id, "full", 0, "private, no-store")


def _asked(ticket: str, actor: Actor, file_id: UUID) -> bool:
    try:
        return signing.loads(ticket, salt=_SALT, max_age=_OPEN_FOR) == [str(actor.id), str(file_id)]
    except signing.BadSignature:
        return False


def _bytes(file_id: UUID, variant: str, masks: int, caching: str) -> HttpResponse:
    with files.open_variant(file_id, variant, masks=masks) as content:
        answer = HttpResponse(content.read(), content_type="image/jpeg")
    answer["Cache-Control"] = caching
    answer["Content-Disposition"] = f'inline; filename="{file_id}-{variant}.jpg"'
    return answer


# ── While there is no picture to show ────────────────────────────────────────────────────────────────────────────────

_TILE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300">
<rect width="400" height="300" fill="#EDE7F3"/>
<g fill="none" stroke="#6B4A86" stroke-width="{stroke}" stroke-linecap="round" stroke-linejoin="round"
 transform="translate({x} {y}) scale({scale})">{sign}</g>{text}</svg>"""
_LINE = (
    '<text x="200" y="{y}" text-anchor="middle" fill="#4A3060" font-size="19"'
    ' font-family="Be Vietnam Pro, system-ui, sans-serif">{words}</text>'
)
_EYE = '<path d="M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7-10-7-10-7z"/><circle cx="12" cy="12" r="3"/>'
_BARRED = '<path d="M3 3l18 18M10.6 5.1A10 10 0 0 1 12 5c6.4 0 10 7 10 7a17 17 0 0 1-3 3.8M6.6 6.6A17 17 0 0 0 2 12s3.6 7 10 7a10 10 0 0 0 5.4-1.6"/>'
_FILM = '<rect x="3" y="5" width="13" height="14" rx="2"/><path d="M16 10l5-3v10l-5-3"/>'


def tile(sight: Sight, variant: str) -> HttpResponse:
    """A quiet picture that says why there is none yet. Never kept: the real one may be there in a second."""
    small = "thumb" in variant
    picture = _TILE.format(
        sign=_BARRED if sight.masking == StoredFile.Masking.FAILED else _FILM if sight.is_video else _EYE,
        text="" if small else _LINE.format(y=210, words=_why_not(sight)),
        scale=5 if small else 4,
        x=140 if small else 152,
        y=90 if small else 84,
        stroke=1.5,
    )
    answer = HttpResponse(picture, content_type="image/svg+xml")
    answer["Cache-Control"] = "no-store"
    return answer


def _why_not(sight: Sight) -> str:
    if sight.masking == StoredFile.Masking.FAILED:
        return _("Not shown")
    return _("The photo is being checked") if sight.ready else _("The video is being prepared")
