"""How a webhook is signed and tried again: the Standard Webhooks 1.0.0 scheme.

signature = `v1,` base64(HMAC-SHA256(secret, id "." timestamp "." body)); a receiver recomputes it
over the bytes as they came and refuses old timestamps. Secrets are written `whsec_` base64.
"""

import base64
import datetime
import hmac

MOST_TRIES = 10
_FIRST_PAUSE = datetime.timedelta(seconds=10)
_LONGEST_PAUSE = datetime.timedelta(hours=6)


def message_id(sequence: int) -> str:
    """Name a message after its event: the same at every try, so that a receiver can tell."""
    return f"event-{sequence}"


def write_secret(secret: bytes) -> str:
    """Write a webhook's secret as its owner gets it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def signed_headers(
    secret: bytes, message: str, at: datetime.datetime, body: bytes
) -> dict[str, str]:
    """Give the three headers that prove who sent the body, and when."""
    timestamp = str(int(at.timestamp()))
    mac = hmac.digest(secret, f"{message}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def pause_after(tries: int, fraction: float) -> datetime.timedelta | None:
    """Say how long to wait after this many failed tries; None: give it up.

    Four times as long each time, at most six hours, all tries within about a day; shortened by up
    to half by `fraction` (random, 0 to 1), so that receivers that were down are not all called in
    the same second.
    """
    if tries >= MOST_TRIES:
        return None
    pause = min(_FIRST_PAUSE * float(4 ** (tries - 1)), _LONGEST_PAUSE)
    return pause * (1 - fraction / 2)
