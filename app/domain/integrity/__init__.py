"""Which answers are suspicious, and who may say that they don't count.

ballots: a wave's answers as arrays of codes · groups: those that share day, window, point …
signals_straight_lines, signals_copies, signals_bursts, signals_departures: one kind of trace each
robust: what is usual, and how far from it a group is · findings · scan: all signals at once
review: a case from proposal to decision, by two persons

Symmetry: nothing here knows the good end of a scale from the bad one. Turning every scale round
gives the same findings with the same members, and a finding tells no direction.
"""
