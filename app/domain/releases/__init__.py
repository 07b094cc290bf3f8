"""Releases: immutable documents of indices, signed and chained.

From answers to figures (`figures.py`), in this order: `answer_tables`, `sources`, `source_cells`,
`population`, `weighting_steps`, `source_weights`, `department_estimates`, `department_covariance`,
`index_tables`, `spread_tables`, `changes`. Then `disclosure` hides what must not be shown; `chain`
and `signing` make it a release.
"""
