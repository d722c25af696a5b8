"""The child process that hides faces and plates: `python -m hues.assist.photos.mask FOLDER`, one line of JSON a photo.

In: {"name": "a.jpg", "sizes": {"full": [2048, 84], …}}: a photo in the folder. Out: {"name": …, "regions": […]} and,
where there are any, the masked pictures beside it as a.jpg-masked-full, …. It knows nothing of Django, the database or
secrets, and is told to die by its parent (`children`). A line that is not answered is a photo that it died of.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hues.assist.photos import drawing, faces, plates

MOST = 120  # regions of one picture: a crowd


def main(folder: Path) -> None:
    detector = faces.Faces()
    for line in sys.stdin:
        job = json.loads(line)
        found = hide(folder / job["name"], job["sizes"], detector)
        sys.stdout.write(json.dumps({"name": job["name"], "regions": found}) + "\n")
        sys.stdout.flush()


def hide(path: Path, sizes: drawing.Sizes, detector: faces.Faces) -> list[dict[str, Any]]:
    """Find what must be hidden in a photo and write its masked variants. Returns the regions."""
    with Image.open(path, formats=["JPEG"]) as opened:
        picture = opened.convert("RGB")
    found = regions(picture, detector)
    if found:
        for name, content in drawing.jpegs(drawing.masked(picture, found), sizes).items():
            path.with_name(f"{path.name}-{name}").write_bytes(content)
    return found


def regions(picture: Image.Image, detector: faces.Faces) -> list[dict[str, Any]]:
    small = faces.shrink(picture, faces.PIXELS)
    found = [_region("face", box[:4], small.size) for box in detector.find(np.asarray(small))]
    small = faces.shrink(picture, plates.PIXELS)
    found += [_region("plate", box, small.size) for box in plates.find(np.asarray(small))]
    return found[:MOST]


def _region(kind: str, box: tuple[float, ...], size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    shares = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    return {"kind": kind, "box": [round(min(1.0, max(0.0, share)), 4) for share in shares]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
