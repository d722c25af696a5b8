"""How long hiding faces and plates takes, and how much of it is found: `python -m benchmarks.photos [N]`."""

import sys
import time
from statistics import median

import numpy as np
from tests.assist import samples

from hues.assist.photos import mask, plates
from hues.assist.photos.faces import Faces, shrink

BOUND_MS = 400


def main(number: int) -> None:
    detector, taken, hits, false = Faces(), [], 0, 0
    for seed in range(number):
        picture, (x, y) = samples.with_plate(seed)
        picture = picture.resize((2048, 1536))
        start = time.process_time()
        mask.regions(picture, detector)
        taken.append((time.process_time() - start) * 1000)
        small = shrink(picture, plates.PIXELS)
        scale = small.width / 1600
        found = plates.find(np.asarray(small))
        hits += any(a < x * scale < a + w and b < y * scale < b + h for a, b, w, h in found)
        false += len(plates.find(np.asarray(shrink(samples.street(seed + 1000), plates.PIXELS))))
    print(f"{median(taken):.0f} ms a photo (bound {BOUND_MS}), plates {hits}/{number}, false on empty streets {false}")
    assert median(taken) <= BOUND_MS


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
