"""From a drawn sample and its answers to weights, estimates and honest variances.

    design          how the sample was drawn          specification   what a design file may say
    weights         the steps from base weight to final weight, each with its record
      nonresponse · poststratification · calibration (with margins, distances) · trimming
    estimates       means, totals, ratios, shares, quantiles, indices, differences
      statistics · quantiles · intervals · design_effects
    variance        Taylor linearisation               replicates      jackknife and bootstrap
    few_psus        which margins the design can carry cells           sums per occupied key

`METHODS.md` gives each formula in the notation of its source, the function and its test.
"""
