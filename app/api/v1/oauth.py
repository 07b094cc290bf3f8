"""The token endpoint of OAuth 2.0 for programs: client credentials (RFC 6749 section 4.4).

Refusals have the shape of that standard (section 5.2), not of our other problems: client libraries
read it.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from app.api.v1.models import OutputModel
from app.api.v1.problems import problems
from app.dependencies import Attempts, ResourcesOfApp
from app.domain.clients.scopes import write_scopes
from app.errors import InvalidInput, MinyiError
from app.errors.clients import ClientRefused, GrantRefused, ScopeRefused
from app.errors.requests import BodyTooLarge, TooManyAttempts, UnsupportedMediaType
from app.form_data import MEDIA_TYPE, read_form
from app.security import ANYONE
from app.services.client_tokens import GOOD_FOR, issue_token

router = APIRouter(prefix="/oauth", tags=["clients"], dependencies=[ANYONE])

_NAMES = ("grant_type", "scope", "client_id", "client_secret")
_CODES: Mapping[type[MinyiError], str] = {
    InvalidInput: "invalid_request",
    UnsupportedMediaType: "invalid_request",
    ClientRefused: "invalid_client",
    GrantRefused: "unsupported_grant_type",
    ScopeRefused: "invalid_scope",
}
_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "scope": {"type": "string", "description": "With blanks between; absent: all it has."},
        "client_id": {"type": "string", "description": "Unless sent by HTTP Basic."},
        "client_secret": {"type": "string", "description": "Unless sent by HTTP Basic."},
    },
}
_EXAMPLE = {"grant_type": "client_credentials", "scope": "scheme:shenzhen-2010"}


class TokenOut(OutputModel):
    """A token. Send it as `Authorization: Bearer …`."""

    access_token: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015…"])
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.", examples=[900])
    scope: str = Field(examples=["events:read scheme:shenzhen-2010"])


class TokenRefusalOut(OutputModel):
    """A refusal in the shape of RFC 6749, section 5.2."""

    error: Literal[
        "invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"
    ] = Field(examples=["invalid_client"])
    error_description: str = Field(examples=["Client id or secret is not right"])


@router.post(
    "/token",
    response_model=TokenOut,
    responses={
        **problems(BodyTooLarge, TooManyAttempts),
        400: {"model": TokenRefusalOut, "description": "The request can't be granted."},
        401: {"model": TokenRefusalOut, "description": "Client id or secret is not right."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": _BODY, "example": _EXAMPLE}},
        }
    },
)
async def issue(request: Request, resources: ResourcesOfApp, attempts: Attempts) -> Response:
    """Exchange client id and secret, by HTTP Basic or in the form, for a token of 15 minutes."""
    try:
        form = await _read(request)
        client_id, secret = _credentials(request, form)
        if form.get("grant_type") != "client_credentials":
            raise GrantRefused
        async with attempts.watching("client", ClientRefused):
            made = await issue_token(
                resources, client_id=client_id, secret=secret, scope=form.get("scope", "")
            )
    except tuple(_CODES) as refused:
        return _refusal(refused)
    token = TokenOut(
        access_token=made.token,
        token_type="Bearer",  # noqa: S106 – the name of a kind of token
        expires_in=int(GOOD_FOR.total_seconds()),
        scope=write_scopes(made.scopes),
    )
    return JSONResponse(token.model_dump(), headers={"cache-control": "no-store"})


async def _read(request: Request) -> dict[str, str]:
    """Read the form. Unknown fields are ignored and empty ones are absent (section 3.2)."""
    form = await read_form(request)
    if any(len(form.get(name, ())) > 1 for name in _NAMES):
        raise InvalidInput("A field is there more than once")
    return {name: form[name][0] for name in _NAMES if form.get(name, [""])[0]}


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Take id and secret from the header or the form, never from both (section 2.3)."""
    header = request.headers.get("authorization")
    if header is None:
        if "client_id" not in form or "client_secret" not in form:
            raise ClientRefused
        return form["client_id"], form["client_secret"]
    if "client_secret" in form:
        raise InvalidInput("Use one way to send the client's secret")
    client_id, secret = _basic(header)
    if form.get("client_id", client_id) != client_id:
        raise InvalidInput("Two different client ids were sent")
    return client_id, secret


def _basic(header: str) -> tuple[str, str]:
    """Read HTTP Basic, whose two parts are form-encoded first (section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise ClientRefused from None
    client_id, separator, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not separator:
        raise ClientRefused
    return unquote_plus(client_id), unquote_plus(secret)


def _refusal(refused: MinyiError) -> Response:
    """Answer 401 with a challenge to a client that is not known, else 400 (section 5.2)."""
    known = not isinstance(refused, ClientRefused)
    headers = {} if known else {"www-authenticate": 'Basic realm="minyi"'}
    body = TokenRefusalOut.model_validate(
        {"error": _CODES[type(refused)], "error_description": refused.detail or refused.title}
    )
    return JSONResponse(
        body.model_dump(),
        400 if known else 401,
        headers=headers | {"cache-control": "no-store"},
    )
