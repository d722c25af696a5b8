"""The way to push services, whose addresses browsers told us: by the rules of `kernel.outbound`, many at once.

A name is resolved when a connection is made, its addresses are checked, and the connection goes to a checked one; over it
HTTP/2 carries many messages.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import anyio
import httpcore

from hues.kernel import outbound
from hues.kernel.errors import Problem

CONNECTIONS = 40
CONNECT_SECONDS = 5.0


def parse(endpoint: str) -> outbound.Target:
    """Raises outbound.Refused for an address we do not go to; without TLS only where the operator allowed the host."""
    target = outbound.parse(endpoint)
    if target.scheme != "https" and not target.trusted:
        raise outbound.refused()
    if not target.trusted and _is_address(target.host) and not outbound.is_public(target.host):
        raise outbound.refused()  # names are looked up when connecting
    return target


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


class Checked(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self) -> None:
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours is shorter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        target = outbound.target(host, port)
        try:
            addresses = await asyncio.to_thread(outbound.resolve, target)
        except Problem as problem:
            raise httpcore.ConnectError(type(problem).__name__) from None
        *others, last = addresses
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, CONNECT_SECONDS, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException):
                continue
        return await self._network.connect_tcp(last, port, CONNECT_SECONDS, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the interface's
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


def pool() -> httpcore.AsyncConnectionPool:
    """Connections to push services, HTTP/2 where they speak it. No redirects, no proxies, no cookies."""
    return httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(),
        http2=True,
        max_connections=CONNECTIONS,
        keepalive_expiry=30.0,
        network_backend=Checked(),
    )
