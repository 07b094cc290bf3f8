"""Releases: immutable documents of indices, signed and chained."""
