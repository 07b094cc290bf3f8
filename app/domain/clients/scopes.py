"""What a client may do, as scopes of OAuth 2.0 (RFC 6749 section 3.3).

Releases and indices are public and need none. `scheme:<code>`: the external evaluations of one
scheme, and news of them. `events:read`: the feed of events, pulled or pushed. `webhooks:write`:
to have the server push them to addresses of the client's own.
"""

import re
from collections.abc import Collection

EVENTS = "events:read"
WEBHOOKS = "webhooks:write"
SCHEME = "scheme:"
EXPLAINED = {
    f"{SCHEME}<code>": "External evaluations of one scheme, and news of them.",
    EVENTS: "The feed of events, pulled or pushed.",
    WEBHOOKS: "Webhooks of one's own.",
}
MOST_SCOPES = 50

_SCOPE = re.compile(rf"{EVENTS}|{WEBHOOKS}|{SCHEME}[A-Za-z0-9][A-Za-z0-9_-]{{0,39}}")


def read_scopes(text: str) -> frozenset[str]:
    """Read scopes as they are written in requests: with blanks between."""
    return frozenset(text.split())


def write_scopes(scopes: Collection[str]) -> str:
    """Write them so, in order."""
    return " ".join(sorted(scopes))


def are_scopes(scopes: Collection[str]) -> bool:
    """Say whether a client can have these scopes: at least one, and only such as there are."""
    return 0 < len(scopes) <= MOST_SCOPES and all(_SCOPE.fullmatch(one) for one in scopes)


def may_see(scopes: Collection[str], scheme: str) -> bool:
    """Say whether a client may see an event of this scheme; an empty word is a public event."""
    return EVENTS in scopes and (not scheme or f"{SCHEME}{scheme}" in scopes)


def schemes_of(scopes: Collection[str]) -> frozenset[str]:
    """Give the codes of the schemes that the scopes name."""
    return frozenset(one.removeprefix(SCHEME) for one in scopes if one.startswith(SCHEME))
