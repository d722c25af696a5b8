"""Fetches what callers are to hear, for the voice menu of a telephone system: python3 announcements.py FOLDER LANGUAGE UNIT…

Run it each minute (cron). FOLDER then holds, for each ward code given and for "city" (the whole city), NAME-LANGUAGE.wav (8 kHz, 16 bit,
one channel) where there is a sound, and NAME-LANGUAGE.txt with the text; what is over is removed. While Hue-S cannot be reached,
what was fetched last stays. Needs nothing but Python: HUES_URL is the city's address, HUES_CTI_SECRET the secret of `hues cti key`.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path


def signed(path, secret, now=None):
    """The headers of a GET (Standard Webhooks; signed is the path with its query)."""
    name, stamp = f"msg_{uuid.uuid4().hex}", str(int(now or time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, f"{name}.{stamp}.{path}".encode(), hashlib.sha256).digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{mark}"}


def get(path):
    request = urllib.request.Request(  # noqa: S310 - the same
        os.environ["HUES_URL"].rstrip("/") + path, headers=signed(path, os.environ["HUES_CTI_SECRET"])
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the city's own address
        return answer.read()


def fetch(folder, language, units, get=get):
    """Write what is told now and remove what is not told any more."""
    query = urllib.parse.urlencode([("language", language), *(("unit", unit) for unit in units)])
    kept = set()
    for one in json.loads(get(f"/api/v1/cti/announcements?{query}"))["announcements"]:
        name = f"{one['unit'] or 'city'}-{language}"
        kept |= {put(folder / f"{name}.txt", one["text"].encode())}
        if one["sound"]:
            kept |= {put(folder / f"{name}.wav", get(one["sound"]))}
    for file in [*folder.glob(f"*-{language}.txt"), *folder.glob(f"*-{language}.wav")]:
        if file not in kept:
            file.unlink()


def put(file, content):
    """As a whole or not at all: a call may be playing it."""
    half = file.with_suffix(".half")
    half.write_bytes(content)
    half.replace(file)
    return file


if __name__ == "__main__":
    fetch(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
