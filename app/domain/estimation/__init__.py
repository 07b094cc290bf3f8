"""From a drawn sample and its answers to weights, estimates and honest variances.

    what is declared   specification (with steps, requests) · columns, answers: how data is read
    the sample         design: strata, units, populations, base weights
    weights            weights: the steps and their records · nonresponse · poststratification ·
                       calibration (with margins, distances) · trimming
    estimates          estimates: the front door · plans, statistics, quantiles: what is computed ·
                       records, precision, intervals, design_effects: what is published ·
                       contrasts: differences and weighted sums
    uncertainty        uncertainty · variance: linearisation · replicates: jackknife, bootstrap ·
                       few_psus: calibration with few primary units
    running waves      cells: sums per occupied cell · cell_estimates
    departments        ranks · comparisons · reliability · influence
    two samples        composites · fay_herriot · propensity

`METHODS.md` and `METHODS-ranks-and-composites.md` give each formula in the notation of its source,
the function that holds it and the test that checks it.
"""
