"""The two HTTP servers, each on a listening socket that the supervisor keeps: while one restarts, callers wait instead
of being refused.
"""

import asyncio
import contextlib
import resource
import socket
from collections.abc import Callable
from typing import Any

from hues.runtime.trouble import Trouble

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Trouble if the address is taken or is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise Trouble(f"cannot listen on {host} port {port}: {reason.lower()}") from error
    return listener


def serve_pages(application: Callable[..., Any], listener: socket.socket, *, threads: int) -> None:
    """One granian WSGI worker in this very process, until SIGTERM; requests under way are finished.

    Granian's own parent process would be one more to pay for and to lose: our supervisor has that job, so its worker
    function is called directly.
    """
    from granian._granian import SocketHolder
    from granian.constants import HTTPModes, Loops, RuntimeModes, TaskImpl
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    shared = (None, SocketHolder(listener.fileno(), False, BACKLOG))  # type: ignore[call-arg]  # its stub has no constructor
    MPServer._spawn_wsgi_worker(
        1, None, lambda: application, (shared, None), None, Loops.asyncio, True, LogLevels.warning, None, (),
        runtime_mode=RuntimeModes.mt,
        runtime_threads=1,
        runtime_blocking_threads=16,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        backpressure=256,
        task_impl=TaskImpl.asyncio,
        http_mode=HTTPModes.auto,
        http1_settings=None,
        http2_settings=None,
        websockets=False,
        static_path=None,
        log_access_fmt=None,
        ssl_ctx=(False, None, None, None, "tls1.3", None, [], False),
        scope_opts={"url_path_prefix": None},
        metrics=(None, None),
    )  # fmt: skip


def serve_streams(application: Callable[..., Any], listener: socket.socket) -> None:
    """Uvicorn for thousands of open event streams, until SIGTERM; streams are cut, browsers come back by themselves."""
    import uvicorn

    allow_many_files()
    configuration = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        uvicorn.Server(configuration).run(sockets=[listener])


def allow_many_files() -> None:
    """As many open connections as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
