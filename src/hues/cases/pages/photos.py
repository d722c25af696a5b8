"""The door to photos: public ones to everyone, others to whoever may see their case, uploads to their own session."""

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hues.cases.queries.photos import may_see_photo
from hues.kernel import files
from hues.kernel.errors import NotFound

_OWN = "private, max-age=3600"


@require_safe
def photo(request: HttpRequest, file_id: UUID, variant: str) -> FileResponse:
    """A variant of a stored photo. What is not for this viewer is not there."""
    seen = may_see_photo(request.actor, file_id, drafts=request.session.get("drafts") or ())  # type: ignore[attr-defined]
    if seen is None or variant not in files.VARIANTS:
        raise NotFound(_("There is no such photo."))
    try:
        content = files.open_variant(file_id, variant)
    except FileNotFoundError:
        raise NotFound(_("There is no such photo.")) from None
    answer = FileResponse(content, content_type="image/jpeg")
    # A moderated photo may be hidden again: everyone's copy lives for an hour, not for ever.
    answer["Cache-Control"] = "public, max-age=3600" if seen == "public" else _OWN
    answer["Content-Disposition"] = f'inline; filename="{file_id}-{variant}.jpg"'
    return answer
