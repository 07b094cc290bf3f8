"""Whom to ask, and how many: sample size, allocation to strata, and a draw anyone can repeat.

    design       the plan behind `minyi sample`, a YAML file
    size         respondents and invitations needed for a margin of error; domains: for several
    allocation   a whole-number split of the sample over strata
    selection    one draw: simple random, systematic, proportional to size; random_keys: its chance
    stages       draws within draws: survey points, then respondents

`METHODS.md` gives every formula in the notation of its source.
"""
