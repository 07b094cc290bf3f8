"""The version of a definition, and which changes make a new one that old answers don't fit.

canonical: canonical bytes, their hash, and the way back
changes: what would break stored answers, each change with its reason
"""

from app.domain.questionnaires.versions.canonical import (
    canonical_bytes,
    content_hash,
    definition_from_canonical,
)
from app.domain.questionnaires.versions.changes import breaking_changes

__all__ = ["breaking_changes", "canonical_bytes", "content_hash", "definition_from_canonical"]
