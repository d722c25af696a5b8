"""Photos and videos on pages: `{% photo %}`. The address is the same for everyone; who asks decides what it answers
(hues.cases.pages.photos)."""

from typing import Any
from uuid import UUID

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hues.kernel.files.problems import video_problem
from hues.web.looks import read


def picture(file: Any, variant: str, alt: str, *, link: bool, own: bool, desk: bool, classes: str) -> SafeString:
    """An image; of one's own video the player, of anybody else's its still. What somebody wrote about it wins over `alt`."""
    stored = read(file, "file") or file
    if isinstance(stored, str | UUID):
        stored = {"id": stored, "width": read(file, "width"), "height": read(file, "height")}
    # In a case the caption is what counts: staff may have taken away what its sender wrote.
    written = read(stored, "alt") if stored is file else read(file, "caption")
    words = written or alt or _("Photo")
    is_video = str(read(stored, "media_type") or "").startswith("video/")
    if is_video and own and variant != "thumb":
        return _player(stored, words, classes)
    image = _image(stored, variant, words, classes, own=own)
    if is_video:
        image = _still(image, stored, desk=desk)
    if not link:
        return image
    address = f"/desk/photos/{read(stored, 'id')}" if desk else f"/files/{read(stored, 'id')}/full"
    extra = "" if desk or is_video else "data-enlarge"
    return format_html('<a class="photo-link" href="{}" {}>{}</a>', address, extra, image)


def _image(stored: Any, variant: str, words: str, classes: str, *, own: bool) -> SafeString:
    width, height = read(stored, "width"), read(stored, "height")
    size = format_html(' width="{}" height="{}"', width, height) if width and height else ""
    state = read(stored, "masking")
    if not own and state == "waiting":
        words = _("{photo} (being checked, not shown yet)").format(photo=words)
    elif not own and state == "failed":
        words = _("{photo} (not shown)").format(photo=words)
    return format_html(
        '<img src="/files/{}/{}" alt="{}"{} loading="lazy" decoding="async" class="{}">',
        *(read(stored, "id"), variant, words, size, classes),
    )


def _still(image: SafeString, stored: Any, *, desk: bool) -> SafeString:
    """A picture out of a video, and that it is one."""
    length = _length(read(stored, "duration_s"))
    note = "" if desk else _("seen only by those handling it")
    return format_html(
        '<span class="video-still">{}<span class="video-note"><svg class="icon" aria-hidden="true"><use href="{}#video">'
        "</use></svg><span>{}{}</span></span></span>",
        *(
            image,
            static("web/icons.svg"),
            _("Video") + length,
            format_html('<span class="video-more"> · {}</span>', note) if note else "",
        ),
    )


def _player(stored: Any, words: str, classes: str) -> SafeString:
    """Somebody's own video; before it is ready, or where it cannot be, in words."""
    if not read(stored, "sha256"):
        if read(stored, "masking") == "failed":
            return format_html(
                '<p class="note warn">{}</p>', video_problem((read(stored, "found") or {}).get("problem", ""))
            )
        return format_html(
            '<p class="note info">{}</p>', _("Your video is being prepared. It will be here in a minute.")
        )
    width, height = read(stored, "width"), read(stored, "height")
    size = format_html(' width="{}" height="{}"', width, height) if width and height else ""
    return format_html(
        '<video class="{} video" controls playsinline preload="none" poster="/files/{}/medium" src="/files/{}/clip" aria-label="{}"{}></video>',
        *(classes, read(stored, "id"), read(stored, "id"), words, size),
    )


def _length(seconds: float | None) -> str:
    return f" {round(seconds) // 60}:{round(seconds) % 60:02}" if seconds else ""
