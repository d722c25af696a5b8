"""`make bench`: the hot paths at Huế's volume, against hard bounds. Exit code 1 when one is crossed.

Needs a city filled with `hues demo hue`; makes one in `var-bench` where `HUES_DATA_DIR` names none. Run on an idle machine.
"""

import json
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

VOLUME = 183_000


def main() -> int:
    os.environ.setdefault("HUES_DATA_DIR", str(Path(__file__).resolve().parents[1] / "var-bench"))
    os.environ.setdefault("HUES_LOG_LEVEL", "ERROR")
    os.environ.setdefault("HUES_SANDBOX", "1")  # the sample staff works without a second factor
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hues.config.settings")
    from hues.cli import COMMANDS
    from hues.cli.attach import city_at_hand

    with city_at_hand(next(command for command in COMMANDS if command.name == "demo")):
        return run()


def run() -> int:
    from django.conf import settings
    from django.test import Client

    from benchmarks import scorecards
    from benchmarks.assets import assets
    from benchmarks.assist import assist
    from benchmarks.console import triage
    from benchmarks.measure import HEADER, Bound, Result, measure
    from benchmarks.prepare import fill, some_key
    from hues.cases.models import Case

    settings.LIMITS = False  # one address asks thousands of times
    count = fill(VOLUME)
    print(f"{count:,} cases\n{HEADER}")
    client = Client(headers={"accept": "application/json"})
    key = some_key()
    results: list[Result] = []

    def bench(
        name: str, path: str, bound: Bound, *, accept: str = "application/json", times: int = 100, notes: str = ""
    ) -> None:
        def call(_: int) -> None:
            answer = client.get(path, headers={"accept": accept})
            assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])

        results.append(measure(name, call, bound, times=times, notes=notes))
        print(results[-1].line(), flush=True)

    def create(i: int) -> None:
        answer = client.post(
            "/api/v1/reports",
            json.dumps(
                {
                    "category": "DT01",
                    "body": f"Đèn đường trước số {abs(i)} không sáng ba hôm nay",
                    "lat": 16.4637,
                    "lon": 107.5909,
                }
            ),
            content_type="application/json",
            headers={"authorization": f"Bearer {key}", "idempotency-key": str(uuid.uuid4())},
        )
        assert answer.status_code == 201, (answer.status_code, answer.content[:500])

    results.append(measure("create a report (JSON)", create, Bound(cpu_ms=5, statements=12), times=200))
    print(results[-1].line(), flush=True)

    lists = Bound(cpu_ms=12)
    bench("list of 50", "/api/v1/cases?limit=50", lists)
    first = results[-1]
    bench("list of 50, one unit, open", "/api/v1/cases?limit=50&unit=19789&state=open", lists)
    deep = "/api/v1/cases?limit=50"
    for _ in range(299):
        cursor = json.loads(client.get(deep).content)["next"]
        deep = f"/api/v1/cases?limit=50&after={cursor}"
    bench("list of 50, page 300", deep, Bound(cpu_ms=12, p95_ms=first.p95_ms * 1.5 + 5))
    bench("search “den duong le loi”", "/api/v1/cases?limit=50&q=den+duong+le+loi", Bound(cpu_ms=12, p95_ms=50))
    bench("search “rac”", "/api/v1/cases?limit=50&q=rac", Bound(cpu_ms=12, p95_ms=50))
    bench("map of the city (clusters)", "/api/v1/map?bbox=107.03,15.99,108.21,16.75&zoom=9", Bound(cpu_ms=10))
    bench("map of ≤ 4,000 points", "/api/v1/map?bbox=107.57,16.45,107.61,16.48&zoom=16", Bound(cpu_ms=10))
    around = [f"lat={16.4637 + i % 10 * 0.0007:.4f}&lon={107.5909 - i // 10 % 10 * 0.0009:.4f}" for i in range(100)]

    def nearby(i: int) -> None:
        answer = client.get(f"/api/v1/nearby?{around[i % 100]}&category=DT01&text=den+duong+khong+sang+may+hom+nay")
        assert answer.status_code == 200, answer.content[:300]

    results.append(measure("may be the same, nearby", nearby, Bound(total_cpu_ms=10, statements=4)))
    print(results[-1].line(), flush=True)
    for result in assist(client):
        results.append(result)
        print(result.line(), flush=True)
    bench("categories", "/api/v1/categories", Bound(cpu_ms=1, statements=1), times=300)
    shown = Case.objects.filter(moderated=True, visibility="public", published_at__isnull=False).order_by(
        "-received_at"
    )[:50]
    codes = [case.code for case in shown]

    def case_page(i: int) -> None:
        answer = client.get(f"/cases/{codes[i % len(codes)]}", headers={"accept": "text/html"})
        assert answer.status_code == 200

    results.append(measure("public case page", case_page, Bound(cpu_ms=8)))
    print(results[-1].line(), flush=True)
    bench("home page", "/", Bound(cpu_ms=15), accept="text/html")
    bench("public list page", "/cases", Bound(cpu_ms=25), accept="text/html")
    for name, call, bound in triage():
        results.append(measure(name, call, bound, times=60))
        print(results[-1].line(), flush=True)
    bench("Open311 requests.json", "/open311/v2/requests.json?page_size=100", Bound(cpu_ms=25))
    for result in assets(client):
        results.append(result)
        print(result.line(), flush=True)
    results.append(measure("100 web push messages sealed", seal_messages(), Bound(cpu_ms=20), notes="≥ 5,000/s a core"))
    print(results[-1].line(), flush=True)
    for name, call in scorecards.pages():
        results.append(measure(name, call, Bound(p95_ms=scorecards.BOUND_MS, statements=40), times=30))
        print(results[-1].line(), flush=True)
    broken = [result for result in results if result.broken]
    print(f"\n{len(results) - len(broken)} passed, {len(broken)} failed")
    return 1 if broken else 0


def seal_messages() -> Callable[[int], None]:
    """A hundred browsers are told something of the usual length (RFC 8291: a fresh key pair for each)."""
    from hues.notifications.push import vapid
    from hues.notifications.push.encryption import encrypt, from_base64url

    browser, plain = from_base64url(vapid.public_key()), b"x" * 300  # any point of the curve costs the same

    def seal(_: int) -> None:
        for _each in range(100):
            encrypt(plain, browser, b"0123456789abcdef")

    return seal


if __name__ == "__main__":
    sys.exit(main())
