"""`hues serve`: the whole city on this machine, or some of its processes.

The order of things: take the data folder and the ports (what can be refused, is refused before anything runs); start
the servers that are not given; import
the application once, while they start; bring the database up to date; fork the processes from that one image; say
`ready` when requests are answered.
"""

import argparse
import gc
import http.client
import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

from hues.runtime import places
from hues.runtime.embedded import Embedded, forget_addresses, write_addresses
from hues.runtime.lock import CityLock
from hues.runtime.processes import Program, save_memory
from hues.runtime.servers import listen, serve_pages, serve_streams
from hues.runtime.supervisor import Stopped, Supervisor, say

PROCESSES = ("web", "live", "worker", "relay")
DEMOS = ("none", "small", "hue")
_ANY = ("0.0.0.0", "::")  # noqa: S104 - compared
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_READY_WITHIN = 120.0


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "serve", help="run the whole city on this machine", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument(
        "--port", type=port, default=8000, help="of the pages; live streams are one above (default 8000)"
    )
    parser.add_argument("--demo", choices=DEMOS, default="none", help="fill an empty city with sample data")
    parser.add_argument(
        "--only", type=chosen_processes, default=PROCESSES, metavar="NAME,…",
        help=f"run these of {', '.join(PROCESSES)}; the others run on other machines",
    )  # fmt: skip


def port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65534:
        raise argparse.ArgumentTypeError("a port from 1 to 65534")
    return number


def chosen_processes(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(PROCESSES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def run(args: argparse.Namespace) -> int:
    url = f"http://{f'[{args.host}]' if ':' in args.host else args.host}:{args.port}"
    os.environ.setdefault("HUES_PUBLIC_URL", f"http://127.0.0.1:{args.port}" if args.host in _ANY else url)
    data_dir = places.make_data_dir()
    lock = CityLock(data_dir)
    lock.take_to_serve(os.environ["HUES_PUBLIC_URL"])
    listeners = {
        name: listen(args.host, args.port + offset) for offset, name in enumerate(("web", "live")) if name in args.only
    }
    set_environment(args)
    save_memory()
    started = time.monotonic()
    forget_addresses(data_dir)
    embedded = Embedded(data_dir, with_nats=True)
    try:
        with Supervisor(data_dir / "run") as supervisor:
            embedded.start(supervisor)
            load_application()
            embedded.wait(supervisor)
            bring_up_to_date(supervisor, args.demo)
            write_addresses(data_dir)
            start_processes(supervisor, args.only, listeners)
            if "web" in args.only:
                supervisor.wait_until(
                    lambda: answers(listeners["web"]),
                    within=_READY_WITHIN,
                    otherwise="the pages do not answer; see the log above",
                )
            say(f"started in {time.monotonic() - started:.1f} s; data in {data_dir}")
            print(f"ready {url}" if "web" in args.only else "ready", flush=True)
            supervisor.watch()
            say("stopping")
    except Stopped:
        pass
    finally:
        forget_addresses(data_dir)
        lock.release()
    return 0


def set_environment(args: argparse.Namespace) -> None:
    """What the processes are told beyond what the operator says."""
    os.environ["HUES_LIVE_PORT"] = str(args.port + 1)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(fresh_folder(places.data_dir() / "run" / "metrics"))
    if args.host not in _ANY:
        os.environ.setdefault(
            "HUES_ALLOWED_HOSTS", ",".join(dict.fromkeys(["127.0.0.1", "localhost", "[::1]", args.host]))
        )
    if args.demo != "none" and args.host in _LOOPBACK:
        os.environ.setdefault("HUES_SANDBOX", "1")  # sample accounts sign in; never on an address that others can reach


def fresh_folder(folder: Path) -> Path:
    """Where the processes put their measurements together: those of an earlier run are over."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def load_application() -> None:
    """Import everything that the processes need, before they are forked. No connection is opened here."""
    import django

    django.setup()
    from django.urls import get_resolver

    import hues.cases.actions
    import hues.config.wsgi
    import hues.kernel.relay
    import hues.live.app  # noqa: F401

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()  # the collector must not touch, and so copy, what the forks share


def bring_up_to_date(supervisor: Supervisor, demo: str) -> None:
    """Migrate, load the pack, fill with samples: in a process of its own, which takes its connections and its memory
    with it.
    """

    def work() -> None:
        os.dup2(2, 1)  # standard output is for the `ready` line alone
        from hues.cli.prepare import prepare

        prepare()
        if demo != "none":
            from hues.cli.demo import run_demo

            run_demo(demo)

    code = supervisor.run_once(Program("prepare", work))
    if code:  # it has said why
        raise SystemExit(code)


def start_processes(supervisor: Supervisor, names: tuple[str, ...], listeners: dict[str, socket.socket]) -> None:
    """Readers of the journal first, so that nothing waits for them; pages last, so that they are the first to stop."""
    behind = [Program(name, BEHIND[name], grace=25) for name in ("relay", "worker") if name in names]
    if "worker" in names and os.environ.get("HUES_CTI_ADAPTER") in LISTENING:
        behind.append(Program("telephony", _telephony, grace=10))
    front = []
    if "live" in names:
        front.append(Program("live", lambda: _live(listeners["live"]), grace=5))
    if "web" in names:
        front += [Program(f"web-{n}", lambda: _web(listeners["web"]), grace=20) for n in range(1, web_processes() + 1)]
    supervisor.add(*behind)
    supervisor.add(*front)


def web_processes() -> int:
    """`HUES_WEB_PROCESSES`, else one for each core, at most four."""
    return int(os.environ.get("HUES_WEB_PROCESSES", 0)) or min(os.cpu_count() or 1, 4)


def _web(listener: socket.socket) -> None:
    from hues.config.wsgi import application

    serve_pages(application, listener, threads=int(os.environ.get("HUES_WEB_THREADS", "4")))


def _live(listener: socket.socket) -> None:
    from hues.live.app import application

    serve_streams(application, listener)


def _worker() -> None:
    from hues.cli.worker import main

    main()


def _relay() -> None:
    from hues.kernel.relay import main

    main()


def _telephony() -> None:
    from hues.cli.cti import _hear

    _hear()


LISTENING = ("asterisk", "freeswitch")  # telephone systems that we call, instead of being called by them
BEHIND: dict[str, Callable[[], None]] = {"worker": _worker, "relay": _relay}


def answers(listener: socket.socket) -> bool:
    """Whether the pages answer on our own socket."""
    host, number = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(reachable, number, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
