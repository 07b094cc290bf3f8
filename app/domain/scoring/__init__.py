"""How indices and entered figures become points, by the city's own rules. Decimal only.

external_evaluation: the document, every step of every number kept
figures: which figures a scheme asks offices for, and which values they may have
arithmetic: rounding and sums that show themselves · compute: points of components and totals
adjustments: deductions, additions, events · bands: grades · places: ranks and ties
precision: standard errors and bias of a score · honest_ranks: ranks with intervals, influence
flips: how many answers turn a pair · evaluation: all departments together → the document's content
"""
