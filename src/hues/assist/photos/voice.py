"""The child process that re-encodes a spoken announcement: `python -m hues.assist.photos.voice SENT OUT SECONDS`.

Writes OUT (WAV, 8 kHz, 16 bit, one channel: what every telephone system plays) without anything else that was in the file; prints
{"seconds": n} as JSON, or {"problem": "…"} for a sound that cannot be used: "too-long", "damaged".
"""

import sys
import wave
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from hues.assist.photos.strange import ALONE, Unusable, tell

RATE = 8000
SHORTEST = 0.3  # seconds
_MOST_PACKETS = 200_000


def main(sent: str, out: str, most: str) -> None:
    tell(lambda: {"seconds": encode(sent, out, float(most))})


def _format(sent: str) -> str:
    """Named, not guessed: some formats are lists of addresses."""
    with Path(sent).open("rb") as sound:
        start = sound.read(12)
    if start[:4] == b"RIFF":
        return "wav"
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return "ogg" if start[:4] == b"OggS" else "mov" if start[4:8] == b"ftyp" else "mp3"


def encode(sent: str, out: str, most: float) -> float:
    """Returns the length in seconds."""
    written = 0
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    with (
        av.open(sent, format=_format(sent), options=ALONE, metadata_errors="ignore") as source,
        wave.open(out, "wb") as sound,
    ):
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        if not source.streams.audio:
            raise Unusable("damaged")
        for count, packet in enumerate(source.demux(source.streams.audio[0])):
            if count > _MOST_PACKETS:
                raise Unusable("too-long")
            for frame in packet.decode():
                if isinstance(frame, AudioFrame):
                    written += _write(sound, resampler.resample(frame))
            if written > (most + 1) * RATE:
                raise Unusable("too-long")
        written += _write(sound, resampler.resample(None))
    if written < SHORTEST * RATE:
        raise Unusable("damaged")
    return round(written / RATE, 2)


def _write(sound: wave.Wave_write, frames: list[AudioFrame]) -> int:
    for frame in frames:
        sound.writeframes(bytes(frame.planes[0])[: frame.samples * 2])
    return sum(frame.samples for frame in frames)


if __name__ == "__main__":
    main(*sys.argv[1:4])
