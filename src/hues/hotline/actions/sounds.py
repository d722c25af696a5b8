"""An announcement as sound: what the voice menu plays. Whatever is sent is re-encoded in a process of its own, to plain WAV."""

import json
import tempfile
from functools import partial
from pathlib import Path
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from hues.assist.photos import children
from hues.city import pack
from hues.hotline.actions.said import media_type_of
from hues.hotline.actions.surge import lead_only, record
from hues.hotline.models import Announcement, AnnouncementSound
from hues.kernel import clock, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound, TooLarge
from hues.kernel.ids import new_id

MOST_BYTES, MOST_SECONDS = 10_000_000, 90
AN_HOUR = (60, 3600)


def attach_sound(*, actor: Actor, announcement_id: UUID, language: str, sent: UploadedFile | None) -> AnnouncementSound:
    """Let callers of a language hear this instead of the text. A later sound takes its place. Raises NotFound, Forbidden,
    Invalid, TooLarge, TooMany.
    """
    lead_only(actor)
    if language not in pack.settings()["languages"]:
        raise NotFound(_("There is no such page."))
    if sent is None or not sent.size:
        raise Invalid(_("Choose a sound."), fields={"sound": _("Choose a sound.")})
    if sent.size > MOST_BYTES:
        raise TooLarge(_("This sound is too large: at most {n} MB.").format(n=MOST_BYTES // 1_000_000))
    limits.spend(f"announcement-sound:{actor.id}", limit=AN_HOUR[0], window=AN_HOUR[1])
    plain, seconds = plain_wav(sent.read())
    with transaction.atomic():
        now = clock.now()
        row = (
            Announcement.objects.select_for_update()
            .filter(pk=announcement_id, withdrawn_at=None, ends_at__gt=now)
            .first()
        )
        if row is None:
            raise NotFound(_("This announcement is gone already."))
        if before := AnnouncementSound.objects.filter(announcement=row, language=language).first():
            before.delete()
            transaction.on_commit(partial(default_storage.delete, before.name))
        sound = AnnouncementSound(
            id=new_id(),
            announcement=row,
            language=language,
            seconds=seconds,
            size=len(plain),
            made_at=now,
            made_by_id=actor.id,
        )
        default_storage.save(sound.name, ContentFile(plain))
        sound.save(force_insert=True)
        record(actor, "hotline.announcement_sound", announcement=str(row.pk), language=language, seconds=seconds)
    return sound


def plain_wav(content: bytes) -> tuple[bytes, int]:
    """WAV of 8 kHz, 16 bit, one channel, and its length in whole seconds. Raises Invalid."""
    if not media_type_of(content) and content[:4] != b"\x1a\x45\xdf\xa3":
        raise _wrong(_("This is no sound that we can play: send WAV, Ogg, MP3 or M4A."))
    with tempfile.TemporaryDirectory() as folder:
        sent, out = Path(folder) / "sent", Path(folder) / "out.wav"
        sent.write_bytes(content)
        try:
            said = json.loads(children.run("voice", [str(sent), str(out), str(MOST_SECONDS)], seconds=40.0, cpu=20))
        except (children.Died, ValueError):
            said = {"problem": "damaged"}
        if said.get("problem") == "too-long":
            raise _wrong(_("The sound is longer than {n} seconds.").format(n=MOST_SECONDS))
        if said.get("problem"):
            raise _wrong(_("This sound is damaged or too short."))
        return out.read_bytes(), max(1, round(said["seconds"]))


def _wrong(reason: str) -> Invalid:
    return Invalid(reason, fields={"sound": reason})
