"""Who may use a route for scoring systems: a bearer token with the scope it names (RFC 6750)."""

import dataclasses
from typing import Annotated

from fastapi import Depends, Request, params
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from app.dependencies import ResourcesOfApp
from app.domain.clients.scopes import EXPLAINED
from app.errors.clients import ScopeMissing, TokenMissing, TokenRefused
from app.security import AccessRule
from app.services.client_tokens import Client, client_of_token

_bearer = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/api/v1/oauth/token", scopes=EXPLAINED
        )
    ),
    scheme_name="client",
    auto_error=False,
)

CLIENT_PROBLEMS = (TokenMissing, TokenRefused, ScopeMissing)
"""What every route with `client_may` can answer."""


async def current_client(
    resources: ResourcesOfApp, authorization: Annotated[str | None, Depends(_bearer)]
) -> Client:
    """Find whose token the request carries. Raises TokenMissing and TokenRefused."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing
    return await client_of_token(resources, token.strip())


ThisClient = Annotated[Client, Depends(current_client)]


@dataclasses.dataclass(frozen=True, slots=True)
class ClientRule(AccessRule):
    """Lets clients through that have the scope; `{…}` in it is filled from the path."""

    scope: str

    async def __call__(  # type: ignore[override] # FastAPI fills in what the rule asks for
        self, request: Request, client: ThisClient
    ) -> None:
        """Raise ScopeMissing unless the token has the scope."""
        if self.scope.format_map(request.path_params) not in client.scopes:
            raise ScopeMissing


def client_may(scope: str) -> params.Depends:
    """Make the rule of a route: `client_may("scheme:{scheme_id}")`."""
    depends: params.Depends = Depends(ClientRule(f"client: {scope}", scope))
    return depends
