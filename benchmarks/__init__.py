"""Measurements of Minyi: how fast (`estimation`), how honest (`simulation`)."""
