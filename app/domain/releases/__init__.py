"""Releases: immutable documents of indices, signed and chained.

From answers to figures (`figures.py`), in this order: `answer_tables`, `sources`, `source_cells`,
`population`, `weighting_steps`, `source_weights`, `department_estimates`, `department_covariance`,
`index_tables`, `spread_tables`, `changes`. `disclosure` then hides what must not be shown, `chain` and
`signing` make the release.
"""
