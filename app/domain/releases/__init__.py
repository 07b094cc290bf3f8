"""Releases: immutable documents of indices, signed and chained.

From answers to figures (`figures.py`): rows → `answer_tables` of codes → `sources` → `source_cells`,
`population`, `weighting_steps`, `source_weights` → `department_estimates`, `department_covariance` →
`index_tables`, `spread_tables`, `changes`. Then `disclosure` hides what must not be shown, and
`chain`, `signing` make the release.
"""
