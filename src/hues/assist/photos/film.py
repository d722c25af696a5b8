"""The child process that re-encodes a video: `python -m hues.assist.photos.film SENT CLIP STILL`.

Writes CLIP (MP4: H.264 of at most 1280 × 720 and 24 pictures a second, one channel of AAC) and STILL (a sharp picture
out of the film, JPEG), upright, without anything else that was in the file; prints {"seconds", "width", "height",
"still_at"} as JSON, or {"problem": "…"} for a film that cannot be used: "too-long", "no-picture", "damaged".
"""

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image

from hues.assist.photos.strange import ALONE, Unusable, tell

LONGEST, PICTURES_A_SECOND = 1280, 24
SECONDS, SLACK = 60.0, 1.0  # as in hues.kernel.files.films
_PIXELS = 4096 * 4096
_LOOKS = 12  # pictures of which the sharpest becomes the still
_H264 = {"preset": "veryfast", "crf": "26", "maxrate": "2500k", "bufsize": "5000k"}
_TURNS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


def main(sent: str, clip: str, still: str) -> None:
    tell(lambda: encode(sent, clip, still))


def _format(sent: str) -> str:
    with Path(sent).open("rb") as film:
        return "matroska" if film.read(4) == b"\x1a\x45\xdf\xa3" else "mov"


def encode(sent: str, clip: str, still: str) -> dict[str, Any]:
    # Named, not guessed: some formats are lists of addresses that would be fetched before we could look at their name.
    with av.open(sent, format=_format(sent), options=ALONE, metadata_errors="ignore") as source:
        if not source.streams.video:
            raise Unusable("no-picture")
        picture = source.streams.video[0]
        picture.thread_type, picture.thread_count = "SLICE", 1
        sound = next(iter(source.streams.audio), None)
        length = float(source.duration or 0) / av.time_base
        if length > SECONDS + SLACK:
            raise Unusable("too-long")
        streams = [picture, sound] if sound is not None else [picture]
        film = _Film(clip, sound is not None)
        with film.out:
            for packet in source.demux(*streams):
                for frame in _decoded(packet):
                    film.add(frame)
            film.finish()
    if film.best is None:
        raise Unusable("no-picture")
    film.best.save(still, "JPEG", quality=90)
    return {
        "seconds": round(film.seconds, 2),
        "width": film.width,
        "height": film.height,
        "still_at": round(film.best_at, 2),
    }


def _decoded(packet: Any) -> list[Any]:
    """The frames of a packet; a broken packet has none, as when a recording was cut off."""
    try:
        return list(packet.decode())
    except av.InvalidDataError:
        return []


class _Film:
    """The new film as it grows."""

    def __init__(self, path: str, with_sound: bool) -> None:
        self.out = av.open(path, "w", format="mp4", options={"movflags": "+faststart"})
        self.best: Image.Image | None = None
        self.best_at = self.seconds = 0.0
        self.width = self.height = 0
        self._sharpest, self._looks = -1.0, 0
        self._picture: Any = None
        self._start: float | None = None
        self._last_tick = -1
        self._turn = 0
        self._sound: Any = None
        self._resampler: Any = None
        if with_sound:
            self._sound = self.out.add_stream("aac", rate=44_100, layout="mono")
            self._sound.bit_rate = 64_000
            self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=44_100)

    def add(self, frame: Any) -> None:
        if isinstance(frame, VideoFrame):
            self._add_picture(frame)
        elif self._sound is not None:
            frame.pts = None
            self._encode_sound(frame)

    def finish(self) -> None:
        if self._picture is None:
            raise Unusable("no-picture")
        if self._sound is not None:
            self._encode_sound(None)
            self.out.mux(self._sound.encode(None))
        self.out.mux(self._picture.encode(None))

    def _add_picture(self, frame: VideoFrame) -> None:
        at = frame.time if frame.time is not None else self.seconds
        if self._start is None:
            self._start = at
            self._begin(frame)
        at = max(0.0, at - self._start)
        if at > SECONDS + SLACK:
            raise Unusable("too-long")
        self.seconds = max(self.seconds, at)
        tick = int(at * PICTURES_A_SECOND + 0.5)
        if tick <= self._last_tick:
            return
        self._last_tick = tick
        made = self._upright(frame)
        self._look(made, at)
        made.pts, made.time_base = tick, Fraction(1, PICTURES_A_SECOND)
        self.out.mux(self._picture.encode(made))

    def _begin(self, frame: VideoFrame) -> None:
        if frame.width * frame.height > _PIXELS:
            raise Unusable("damaged")
        self._turn = round((frame.rotation or 0) / 90) * 90 % 360
        width, height = frame.width, frame.height
        if self._turn in (90, 270):
            width, height = height, width
        scale = min(1.0, LONGEST / max(width, height))
        self.width, self.height = (max(16, round(side * scale) // 2 * 2) for side in (width, height))
        self._picture = self.out.add_stream("libx264", rate=PICTURES_A_SECOND, options=_H264)
        self._picture.width, self._picture.height, self._picture.pix_fmt = self.width, self.height, "yuv420p"
        self._picture.time_base = Fraction(1, PICTURES_A_SECOND)
        self._picture.thread_count = 1

    def _upright(self, frame: VideoFrame) -> VideoFrame:
        if not self._turn:
            return frame.reformat(self.width, self.height, "yuv420p", interpolation=Interpolation.BILINEAR)
        lying = (self.height, self.width) if self._turn in (90, 270) else (self.width, self.height)
        image = frame.reformat(*lying, "rgb24", interpolation=Interpolation.BILINEAR).to_image()
        return VideoFrame.from_image(image.transpose(_TURNS[self._turn]))

    def _look(self, frame: VideoFrame, at: float) -> None:
        """Every half second, for a while: is this sharper than what we have?"""
        if at < 0.5 * self._looks or self._looks >= _LOOKS:
            return
        self._looks += 1
        image = frame.to_image()
        grey = np.asarray(image.convert("L").reduce(2), np.float32)
        sharp = float(np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=0)).mean())
        if sharp > self._sharpest:
            self._sharpest, self.best, self.best_at = sharp, image, at

    def _encode_sound(self, frame: Any) -> None:
        for made in self._resampler.resample(frame):
            made.pts = None
            self.out.mux(self._sound.encode(made))


if __name__ == "__main__":
    main(*sys.argv[1:4])
