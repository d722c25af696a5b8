"""What comes in from forms and phones."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.utils import timezone

from hues.kernel import files
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, Problem


def new_key() -> str:
    """For one form, so that pressed twice it is sent once."""
    return uuid4().hex


def uuid_of(given: str) -> UUID | None:
    try:
        return UUID(given) if given else None
    except ValueError:
        return None


def number_of(given: str) -> float | None:
    """A number as phones send it; None for anything else."""
    try:
        value = float(given)
    except (TypeError, ValueError):
        return None
    return value if abs(value) < 1e7 else None


def moment_of(given: str) -> datetime | None:
    """When the phone says that it happened; None where that is no moment."""
    try:
        moment = datetime.fromisoformat(given.replace("Z", "+00:00")) if given else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if timezone.is_aware(moment) else None


def stored(request: HttpRequest, actor: Actor, *, most: int) -> list[UUID]:
    """Photos that came with a form, in the store. Raises Invalid on one that cannot be kept."""
    kept: list[UUID] = []
    uploads: list[Any] = request.FILES.getlist("photos")
    for upload in uploads[:most]:
        try:
            kept.append(files.store_upload(upload, owner_id=actor.id).file.id)
        except Problem as problem:
            raise Invalid(problem.detail, fields={"files": f"{upload.name}: {problem.detail}"}) from problem
    return kept
