# Where R's survey package gives an answer that this project does not follow: what it answers.
#
#   Rscript tests/reference/estimation_r_differs.R      (run from the root of the repository)
suppressMessages(library(survey))
options(digits = 17)
here <- "tests/reference"
data(api)
results <- data.frame(case = character(), value = numeric())
keep <- function(case, value) results <<- rbind(results, data.frame(case = case, value = value))

# 1. rake() on margins that contradict each other returns a design; only a warning tells.
dclus1 <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1)
raked <- suppressWarnings(rake(dclus1, list(~stype, ~sch.wide),
  list(data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018)),
       data.frame(sch.wide = c("No", "Yes"), Freq = c(2072, 5122)))))
keep("rake unequal totals: stype total", sum(weights(raked)[apiclus1$stype %in% c("E", "H", "M")]))
keep("rake unequal totals: sch.wide Yes", sum(weights(raked)[apiclus1$sch.wide == "Yes"]))

# 2. rake() averages residuals without the base weights: another SE than
#    calibrate(calfun = "raking") for the same weights.
dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
pop <- list(data.frame(awards = c("No", "Yes"), Freq = c(2027, 4167)),
            data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122)))
raked <- rake(dstrat, list(~awards, ~sch.wide), pop, control = list(maxit = 500, epsilon = 1e-12))
calibrated <- calibrate(dstrat, ~awards + sch.wide,
  c(`(Intercept)` = 6194, awardsYes = 4167, sch.wideYes = 5122), calfun = "raking", epsilon = 1e-13)
keep("largest relative difference of weights", max(abs(weights(raked) / weights(calibrated) - 1)))
keep("rake SE of api00", SE(svymean(~api00, raked))[[1]])
keep("calibrate SE of api00", SE(svymean(~api00, calibrated))[[1]])

# 3. svyquantile below the first observation's share returns the second smallest value.
tiny <- data.frame(y = c(10, 20, 30, 40), w = 1)
d <- svydesign(id = ~1, weights = ~w, data = tiny)
keep("quantile 0.1 of 10 20 30 40", as.numeric(svyquantile(~y, d, 0.1, ci = FALSE)[[1]])[1])

# 4. A single respondent has standard error 0.
one <- subset(dclus1, snum == apiclus1$snum[1])
keep("SE of one respondent", SE(svymean(~api00, one))[[1]])

# 5. A share of 0 has no Korn-Graubard interval.
p <- tryCatch(confint(svyciprop(~I(api00 > 2000), dclus1, method = "beta"))[2], error = function(e) NaN)
keep("upper limit of a share of 0", p)

results$value <- formatC(results$value, digits = 17, format = "g", width = 1)
write.csv(results, file.path(here, "estimation_r_differs.csv"), row.names = FALSE, quote = FALSE)
