"""Measurements of Minyi: how fast (`estimation`, `release`), how honest (`simulation`)."""
