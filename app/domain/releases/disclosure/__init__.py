"""Disclosure control: what of the figures computed may be published.

    control     every table of a release, one department of one source at a time
    blocks      what belongs under one published index
    partners    complementary suppression in a table whose total is published
    revisions   against the earlier releases of the same wave and period
    hiding      what a hidden or rounded figure looks like
    ranking     places among the indices that are shown

No figure rests on fewer than the definition's `minimum_n` people, and none that does can be had by
subtracting published ones; nor can the answers of so few be had by subtracting two releases. The
rules and their price are argued in docs/decisions/0019-disclosure.md; tests attack the outcome by
linear programming.
"""

from app.domain.releases.disclosure.control import control

__all__ = ["control"]
