"""`hues cti …`: the telephones. Its secret, the connection to the telephone system, the bridge from logs."""

import argparse
import signal
import sys
import threading


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("cti", help="telephone systems: secrets, listening, the bridge from logs")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="key|listen|bridge|send")
    verbs.add_parser("key", help="print each source with the secret that signs its events")
    verbs.add_parser("listen", help="hear of calls over the adapter's own connection (`hues serve` does it by itself)")
    bridge = verbs.add_parser("bridge", help="read lines of a log from standard input, post what they tell of calls")
    bridge.add_argument("--url", required=True, help="the city's /api/v1/cti/events")
    bridge.add_argument("--source", default="pbx")
    send = verbs.add_parser("send", help="tell a city of one event, to try a connection")
    send.add_argument("kind", help="ring, answer, hold, resume, transfer, hangup, …")
    send.add_argument("call", help="the call's name at the telephone system")
    send.add_argument("--url", required=True, help="the city's /api/v1/cti/events")
    send.add_argument("--source", default="pbx")
    send.add_argument("--data", action="append", default=[], metavar="NAME=VALUE", help="from=0905…, agent=2001, to=…")


def run(args: argparse.Namespace) -> int:
    if args.verb == "listen":
        return _listen()
    from hues.hotline import sources

    if args.verb == "key":
        for name, secrets in sources.secrets().items():
            print(name, secrets[0])
        return 0
    secret = sources.secret_for(args.source)
    return _send(args, secret) if args.verb == "send" else _bridge(args, secret)


def _listen() -> int:
    """Beside a served city, or on a machine of its own with the city's DATABASE_URL."""
    from hues.cli import Command, Needs
    from hues.cli.attach import city_at_hand

    with city_at_hand(Command("cti", __name__, "", Needs.CITY)):
        return _hear()


def _hear() -> int:
    from hues.hotline import listening

    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda _number, _frame: stop.set())
    if listening.listener() is None:
        print("hues: HUES_CTI_ADAPTER names no telephone system with a connection to listen to", file=sys.stderr)
        return 2
    listening.run(stop)
    return 0


def _bridge(args: argparse.Namespace, secret: str) -> int:
    from hues.hotline import bridging

    sent = bridging.follow(sys.stdin, source=args.source, secret=secret, post=bridging.poster(args.url))
    print(f"{sent} events", file=sys.stderr)
    return 0


def _send(args: argparse.Namespace, secret: str) -> int:
    from datetime import UTC, datetime

    import orjson

    from hues.hotline import bridging, signing
    from hues.kernel.ids import new_id

    pairs = (one.partition("=") for one in args.data)
    event = {
        "specversion": "1.0", "id": new_id().hex, "source": args.source, "type": f"cti.{args.kind}",
        "time": datetime.now(UTC).isoformat(), "subject": args.call, "data": {name: value for name, _sign, value in pairs},
    }  # fmt: skip
    body = orjson.dumps(event)
    status = bridging.poster(args.url)(body, signing.headers(secret, f"msg_{event['id']}", body))
    print(status)
    return 0 if status == 202 else 1
