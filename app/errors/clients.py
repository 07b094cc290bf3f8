"""Why a scoring system is not served."""

from app.errors import MinyiError, NotFound


class ClientNotFound(NotFound):
    """No active client has this name."""

    code, title = "client-not-found", "There is no such client"


class WebhookNotFound(NotFound):
    """The client has no webhook with this id."""

    code, title = "webhook-not-found", "There is no such webhook"


class ClientRefused(MinyiError):
    """Client id or secret is wrong, or the client was revoked; which, it does not say."""

    code, status, title = "client-refused", 401, "Client id or secret is not right"


class GrantRefused(MinyiError):
    """The token endpoint was asked for something else than `client_credentials`."""

    code, status, title = "grant-refused", 400, "Only the grant type client_credentials is served"


class ScopeRefused(MinyiError):
    """The client asked for a scope that it does not have."""

    code, status, title = "scope-refused", 400, "The client does not have this scope"


class TokenMissing(MinyiError):
    """The address needs a bearer token."""

    code, status, title = "token-missing", 401, "This address needs a bearer token"


class TokenRefused(MinyiError):
    """The token is none of ours, has expired, or its client was revoked."""

    code, status, title = "token-refused", 401, "The token is not valid: get a new one"


class ScopeMissing(MinyiError):
    """The token is good and does not reach this far."""

    code, status, title = "scope-missing", 403, "The token lacks the scope that this address needs"
