"""Answering with a part of a file (RFC 9110 §14): players ask for videos in pieces, and some refuse them otherwise."""

import re
from collections.abc import Iterator

from django.core.files.base import File
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PIECE = 256 * 1024


def ranged(request: HttpRequest, content: File, media_type: str) -> HttpResponseBase:
    """The file, or the one range of it that was asked for (206); 416 for a range beyond it. Closes the file."""
    size = content.size
    wanted = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if wanted is None or not any(wanted.groups()):
        answer: HttpResponseBase = FileResponse(content, content_type=media_type)
        answer["Accept-Ranges"] = "bytes"
        return answer
    first, last = wanted.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or start > end:
        content.close()
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
        return answer
    answer = StreamingHttpResponse(_pieces(content, start, end - start + 1), status=206, content_type=media_type)
    answer["Content-Range"] = f"bytes {start}-{end}/{size}"
    answer["Content-Length"] = str(end - start + 1)
    answer["Accept-Ranges"] = "bytes"
    return answer


def _pieces(content: File, start: int, left: int) -> Iterator[bytes]:
    with content:
        content.seek(start)
        while left > 0 and (piece := content.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
