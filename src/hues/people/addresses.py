"""Addresses as budgets count them."""

from ipaddress import IPv6Address, ip_address, ip_network


def network(address: str) -> str:
    """The address itself; of IPv6 the /64, the least that a subscriber has; "" for what is none (a Unix socket)."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
