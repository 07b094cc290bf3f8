"""Replies that never change, or rarely: strong ETag, 304 where the reader has the bytes already.

Compressed once and kept: the bytes of a published document are the same on every pull. The two
codings have an ETag each (RFC 9110 section 8.8.3.3); either one answers If-None-Match.
"""

import functools
import gzip
import hashlib

from fastapi import Request, Response

from app.immutable_replies import accepts_gzip, matches

ALWAYS_ASK = "public, max-age=0, must-revalidate"
"""May be kept, and is asked about each time: a list, the newest of something."""
FOR_GOOD = "public, max-age=31536000, immutable"
"""A document that is only ever replaced by another one at another address. `immutable_replies`
keeps the whole reply."""
PRIVATE = "private, max-age=0, must-revalidate"
"""The same as `ALWAYS_ASK` for what a client sees by its token: no shared cache keeps it."""
_WORTH_COMPRESSING = 500


def conditional_json(
    request: Request,
    body: bytes,
    etag: str,
    *,
    cache: str = ALWAYS_ASK,
    media_type: str = "application/json",
) -> Response:
    """Answer with the document, or with 304 where the reader's copy is the same.

    `etag` is a hexadecimal digest of the body, without quotes.
    """
    plain, zipped = f'"{etag}"', f'"{etag}-gzip"'
    headers = {"etag": plain, "cache-control": cache, "vary": "accept-encoding"}
    known = request.headers.get("if-none-match")
    if known and (matched := matches(known, plain, zipped)):
        return Response(status_code=304, headers=headers | {"etag": matched})
    if len(body) >= _WORTH_COMPRESSING and accepts_gzip(request.headers.get("accept-encoding", "")):
        body = _compressed(body)
        headers |= {"etag": zipped, "content-encoding": "gzip"}
    return Response(body, media_type=media_type, headers=headers)


def etag_of(body: bytes) -> str:
    """Give the ETag of bytes that have no digest of their own: SHA-256, shortened to 128 bits."""
    return hashlib.sha256(body).hexdigest()[:32]


@functools.lru_cache(maxsize=32)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
