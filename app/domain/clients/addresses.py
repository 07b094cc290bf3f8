"""Where a webhook may stand: on the public internet, not on a machine that only we can reach.

Whoever registers a webhook has our server send requests for them (server-side request forgery).
What isn't surely public is refused: loopback, private, link-local (cloud metadata at
169.254.169.254), shared (CGNAT), unique-local, multicast, reserved, and every form of IPv6 that
carries an IPv4 address inside (mapped, 6to4, Teredo, NAT64), which could lead to one of those.
"""

import ipaddress

LONGEST_URL = 500
_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocols
        "192.88.99.0/24",  # once 6to4 relays
        "2001::/23",  # IETF protocols, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


def is_public(text: str) -> bool:
    """Say whether an IP address as text is a public unicast address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if any(address in one for one in _NOT_PUBLIC):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and address.scope_id is None
    return address.is_global and not address.is_multicast and not address.is_reserved
