"""What the child processes share that read a stranger's film or sound: what is not opened, and how they say what came of it."""

import json
import sys
from collections.abc import Callable, Mapping

import av

ALONE = {"protocol_whitelist": "file"}  # nothing that a file names is opened


class Unusable(Exception):
    """It cannot be used; the argument says why in a word."""


def tell(work: Callable[[], Mapping[str, object]]) -> None:
    """Do it and print what came of it as JSON, or {"problem": "…"}."""
    try:
        answer = work()
    except Unusable as problem:
        answer = {"problem": str(problem)}
    except (av.FFmpegError, ValueError, OverflowError, ZeroDivisionError):
        answer = {"problem": "damaged"}
    sys.stdout.write(json.dumps(answer) + "\n")
