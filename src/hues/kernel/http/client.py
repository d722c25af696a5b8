"""Who is at the other end. Only proxies that the operator named (HUES_TRUSTED_PROXIES) are believed about that."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Networks = tuple[IPv4Network | IPv6Network, ...]


def client_address(request: HttpRequest) -> str:
    """The client's IP address; behind trusted proxies the nearest address in X-Forwarded-For that is not one of
    them."""
    peer = _plain(request.META.get("REMOTE_ADDR", ""))
    if not is_trusted_proxy(peer):
        return peer
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _plain(hop.strip())
        if not address:
            break  # not an address: nothing further left can be believed
        peer = address
        if not is_trusted_proxy(address):
            break
    return peer


def is_trusted_proxy(address: str) -> bool:
    return _within(address, tuple(settings.TRUSTED_PROXIES)) if settings.TRUSTED_PROXIES else False


def is_forwarded(request: HttpRequest) -> bool:
    """Whether some proxy, named or not, says that it passes on another's request."""
    return any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))


@lru_cache(maxsize=1024)
def _within(address: str, networks: tuple[str, ...]) -> bool:
    if not address:  # a Unix socket: whoever may open it
        return "unix" in networks
    found = ip_address(address)
    return any(found in network for network in _networks(networks))


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> Networks:
    return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip() != "unix")


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """An address without port, brackets or an IPv4-in-IPv6 mapping; "" for anything that is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
