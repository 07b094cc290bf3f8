"""A real OpenID Connect provider on this machine, and a browser that logs in there."""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider uses parts of Authlib that will go
    import oidc_provider_mock

CERTIFICATES = ssl.create_default_context()
"""Made once: every other call would read them anew, though nothing here is https."""


@contextmanager
def running_provider() -> Iterator[str]:
    """Start the provider; gives its issuer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        users = [
            oidc_provider_mock.User(sub="li", claims={"name": "李明", "email": "li@example.org"}),
            oidc_provider_mock.User(sub="wang", claims={}),
        ]
        with oidc_provider_mock.run_server_in_thread(
            require_nonce=True, user_claims=users
        ) as server:
            yield f"http://127.0.0.1:{server.server_port}"


def log_in_at(address: str, subject: str, *, deny: bool = False) -> dict[str, str]:
    """Log in as a citizen's browser does; gives the parameters of the way back."""
    form = {"action": "deny"} if deny else {"sub": subject}
    reply = httpx.post(address, data=form, follow_redirects=False, verify=CERTIFICATES)
    assert reply.status_code == 302, reply.text
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def have_it_say(issuer: str, subject: str, **claims: object) -> None:
    """Have the provider's tokens say this about somebody from now on."""
    httpx.put(f"{issuer}/users/{subject}", json=claims, verify=CERTIFICATES).raise_for_status()
