# Reference numbers for app/domain/estimation from R's survey package.
#
#   Rscript tests/reference/estimation_api.R      (run from the root of the repository)
#
# Reads nothing but data sets that ship with R and survey; writes the data as CSV and every number
# with 17 significant digits to estimation_api.csv (case, quantity, value), beside this script, and
# the versions to estimation_api.versions.txt. calibrate() is run to 1e-13 so that its own
# tolerance does not show in the ninth digit.
suppressMessages(library(survey))
options(digits = 17, survey.replicates.mse = FALSE)
here <- "tests/reference"
data(api)

columns <- c("stype", "sname", "dnum", "snum", "api00", "api99", "target", "sch.wide", "comp.imp",
             "both", "awards", "meals", "ell", "mobility", "enroll", "api.stu", "pw", "fpc")
save_data <- function(d, name, extra = character()) {
  keep <- setdiff(c(columns, extra), "sname")
  write.csv(d[, intersect(keep, names(d))], file.path(here, name), row.names = FALSE, quote = FALSE)
}
save_data(apisrs, "apisrs.csv")
save_data(apistrat, "apistrat.csv")
save_data(apiclus1, "apiclus1.csv")
save_data(apiclus2, "apiclus2.csv", c("fpc1", "fpc2"))

results <- data.frame(case = character(), quantity = character(), value = numeric())
keep <- function(case, ...) {
  values <- c(...)
  results <<- rbind(results, data.frame(case = case, quantity = names(values), value = unname(values)))
}
of <- function(x) c(value = unname(coef(x))[1], se = unname(SE(x))[1])
ci <- function(x, design, level = 0.95) {
  b <- confint(x, df = degf(design), level = level)
  c(lower = b[1, 1], upper = b[1, 2])
}
quantile_of <- function(x) {
  m <- as.numeric(x[[1]])
  c(value = m[1], lower = m[2], upper = m[3], se = m[4])
}

# Simple random sample with fpc ----------------------------------------------------------------
dsrs <- svydesign(id = ~1, fpc = ~fpc, weights = ~pw, data = apisrs)
m <- svymean(~api00, dsrs, deff = TRUE)
keep("srs mean api00", of(m), ci(m, dsrs), deff = deff(m)[[1]])
t <- svytotal(~enroll, dsrs, na.rm = TRUE, deff = TRUE)
keep("srs total enroll", of(t), deff = deff(t)[[1]])
r <- svyratio(~api.stu, ~enroll, dsrs, deff = TRUE)
keep("srs ratio api.stu/enroll", of(r), deff = deff(r)[[1]])
keep("srs quantile api00 0.5 math", quantile_of(svyquantile(~api00, dsrs, 0.5, qrule = "math")))
keep("srs quantile api00 0.5 school", quantile_of(svyquantile(~api00, dsrs, 0.5, qrule = "school")))
keep("srs quantile api00 0.9 hf7", quantile_of(svyquantile(~api00, dsrs, 0.9, qrule = "hf7")))
for (q in c("hf4", "hf5", "hf6", "hf8", "hf9"))
  keep(paste("srs quantile meals 0.3", q), quantile_of(svyquantile(~meals, dsrs, 0.3, qrule = q)))

# Stratified with fpc --------------------------------------------------------------------------
dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
m <- svymean(~api00, dstrat, deff = TRUE)
keep("strat mean api00", of(m), ci(m, dstrat), deff = deff(m)[[1]], df = degf(dstrat))
keep("strat total enroll", of(svytotal(~enroll, dstrat)))
r <- svyratio(~api.stu, ~enroll, dstrat)
keep("strat ratio api.stu/enroll", of(r))
for (method in c("beta", "xlogit", "mean")) {
  p <- svyciprop(~I(awards == "Yes"), dstrat, method = method)
  b <- confint(p)
  keep(paste("strat share awards", method), value = unname(coef(p)), se = unname(sqrt(attr(p, "var")))[1],
       lower = b[1], upper = b[2])
}
b <- svyby(~api00, ~stype, dstrat, svymean)
for (s in c("E", "H", "M"))
  keep(paste("strat mean api00 by stype", s), value = b[s, "api00"], se = b[s, "se"])
b <- svyby(~api00, ~sch.wide, dstrat, svymean, covmat = TRUE)
d <- svycontrast(b, c(No = -1, Yes = 1))
keep("strat difference api00 Yes - No", of(d))
keep("strat quantile api00 0.25", quantile_of(svyquantile(~api00, dstrat, 0.25)))
sub <- subset(dstrat, awards == "Yes")
keep("strat quantile enroll 0.75 awards", quantile_of(svyquantile(~enroll, sub, 0.75, df = degf(dstrat))))
keep("strat total enroll awards", of(svytotal(~enroll, sub)))
keep("strat df domain", df = degf(subset(dstrat, stype != "H")))
wr <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat)
keep("strat without fpc mean api00", of(svymean(~api00, wr)))

# One-stage clusters ---------------------------------------------------------------------------
dclus1 <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1)
m <- svymean(~api00, dclus1, deff = TRUE)
keep("clus1 mean api00", of(m), ci(m, dclus1), deff = deff(m)[[1]], df = degf(dclus1))
keep("clus1 total enroll", of(svytotal(~enroll, dclus1)))
keep("clus1 ratio api.stu/enroll", of(svyratio(~api.stu, ~enroll, dclus1)))
p <- svyciprop(~I(sch.wide == "Yes"), dclus1, method = "beta")
keep("clus1 share sch.wide beta", value = unname(coef(p)), lower = confint(p)[1], upper = confint(p)[2])
keep("clus1 quantile api00 0.5", quantile_of(svyquantile(~api00, dclus1, 0.5)))
b <- svyby(~api00, ~stype, dclus1, svymean)
for (s in c("E", "H", "M"))
  keep(paste("clus1 mean api00 by stype", s), value = b[s, "api00"], se = b[s, "se"])

# Two-stage clusters ---------------------------------------------------------------------------
dclus2 <- svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
keep("clus2 mean api00", of(svymean(~api00, dclus2)), df = degf(dclus2))
keep("clus2 total enroll", of(svytotal(~enroll, dclus2, na.rm = TRUE)))
keep("clus2 ratio api.stu/enroll", of(svyratio(~api.stu, ~enroll, dclus2, na.rm = TRUE)))
wr2 <- svydesign(id = ~dnum + snum, weights = ~pw, data = apiclus2)
keep("clus2 with replacement total enroll", of(svytotal(~enroll, wr2, na.rm = TRUE)))

# Post-stratified ------------------------------------------------------------------------------
pop.types <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
ps <- postStratify(dclus1, ~stype, pop.types)
keep("clus1 poststratified total enroll", of(svytotal(~enroll, ps)))
keep("clus1 poststratified mean api00", of(svymean(~api00, ps)))
keep("clus1 poststratified total of H", of(svytotal(~enroll, subset(ps, stype == "H"))))
pss <- postStratify(dstrat, ~awards, data.frame(awards = c("No", "Yes"), Freq = c(2027, 4167)))
keep("strat poststratified mean api00", of(svymean(~api00, pss)), of(svymean(~api00, pss)))

# Calibrated -----------------------------------------------------------------------------------
tight <- function(...) calibrate(..., epsilon = 1e-13, maxit = 200)
pop3 <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122, awardsYes = 4167)
for (fun in c("linear", "raking")) {
  cal <- tight(dclus1, ~stype + sch.wide + awards, pop3, calfun = fun)
  keep(paste("clus1 three margins", fun, "total enroll"), of(svytotal(~enroll, cal)))
  keep(paste("clus1 three margins", fun, "mean api00"), of(svymean(~api00, cal)),
       wmin = min(weights(cal)), wmax = max(weights(cal)))
}
for (fun in c("linear", "raking")) {
  cal <- tight(dstrat, ~stype + sch.wide + awards, pop3, calfun = fun)
  keep(paste("strat three margins", fun, "mean api00"), of(svymean(~api00, cal)))
  keep(paste("strat three margins", fun, "ratio"), of(svyratio(~api.stu, ~enroll, cal)))
  b <- svyby(~api00, ~comp.imp, cal, svymean)
  keep(paste("strat three margins", fun, "mean api00 comp.imp Yes"), value = b["Yes", "api00"], se = b["Yes", "se"])
  keep(paste("strat three margins", fun, "quantile api00 0.5"), quantile_of(svyquantile(~api00, cal, 0.5)))
}
greg <- tight(dstrat, ~stype + api99, c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069))
keep("strat greg api99 mean api00", of(svymean(~api00, greg)), wmin = min(weights(greg)), wmax = max(weights(greg)))
keep("strat greg api99 total enroll", of(svytotal(~enroll, greg)))
for (b in list(c(0.7, 1.6))) {
  tl <- tight(dclus1, ~stype + sch.wide + awards, pop3, calfun = "linear", bounds = b)
  keep("clus1 truncated linear total enroll", of(svytotal(~enroll, tl)), wmin = min(weights(tl)), wmax = max(weights(tl)))
  keep("clus1 truncated linear mean api00", of(svymean(~api00, tl)))
  lg <- tight(dclus1, ~stype + sch.wide + awards, pop3, calfun = "logit", bounds = b)
  keep("clus1 logit total enroll", of(svytotal(~enroll, lg)), wmin = min(weights(lg)), wmax = max(weights(lg)))
  keep("clus1 logit mean api00", of(svymean(~api00, lg)))
}
lg <- tight(dstrat, ~stype + api99, c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069),
            calfun = "logit", bounds = c(0.8, 1.2))
keep("strat logit api99 mean api00", of(svymean(~api00, lg)), wmin = min(weights(lg)), wmax = max(weights(lg)))
# rake() and calibrate(calfun = "raking"): the same weights, different standard errors
rk <- rake(dclus1, list(~stype, ~sch.wide, ~awards),
           list(pop.types, data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122)),
                data.frame(awards = c("No", "Yes"), Freq = c(2027, 4167))),
           control = list(maxit = 500, epsilon = 1e-12))
keep("clus1 rake() mean api00", of(svymean(~api00, rk)))

# Trimming -------------------------------------------------------------------------------------
for (strict in c(FALSE, TRUE)) {
  tr <- trimWeights(dstrat, upper = 40, lower = 16, strict = strict)
  keep(paste("strat trimmed", if (strict) "strict" else "once"), wmin = min(weights(tr)), wmax = max(weights(tr)),
       total = sum(weights(tr)), of(svymean(~api00, tr)))
}

# Replicates -----------------------------------------------------------------------------------
jk1 <- as.svrepdesign(dclus1, type = "JK1")
keep("clus1 jk1 mean api00", of(svymean(~api00, jk1)))
keep("clus1 jk1 ratio", of(svyratio(~api.stu, ~enroll, jk1)))
jk1m <- as.svrepdesign(dclus1, type = "JK1", mse = TRUE)
keep("clus1 jk1 mse total enroll", of(svytotal(~enroll, jk1m)))
keep("clus1 jk1 mse mean api00", of(svymean(~api00, jk1m)))
jkn <- as.svrepdesign(dstrat, type = "JKn")
keep("strat jkn mean api00", of(svymean(~api00, jkn)))
keep("strat jkn ratio", of(svyratio(~api.stu, ~enroll, jkn)))
keep("strat jkn quantile api00 0.5", quantile_of(svyquantile(~api00, jkn, 0.5, df = degf(dstrat))))
jkc <- calibrate(jkn, ~stype + sch.wide + awards, pop3, calfun = "raking", epsilon = 1e-13, maxit = 200)
keep("strat jkn raked mean api00", of(svymean(~api00, jkc)))
keep("strat jkn raked total enroll", of(svytotal(~enroll, jkc)))
jkp <- calibrate(jk1, ~stype, c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018), calfun = "linear", epsilon = 1e-13)
keep("clus1 jk1 poststratified total enroll", of(svytotal(~enroll, jkp)))
set.seed(20261122)
boot <- as.svrepdesign(dclus1, type = "subbootstrap", replicates = 20, compress = FALSE)
w <- weights(boot, "analysis")
colnames(w) <- paste0("rw", 1:20)
write.csv(cbind(apiclus1[, c("dnum", "api00", "api.stu", "enroll", "pw")], w),
          file.path(here, "apiclus1_bootstrap.csv"), row.names = FALSE, quote = FALSE)
keep("clus1 bootstrap mean api00", of(svymean(~api00, boot)))
keep("clus1 bootstrap ratio", of(svyratio(~api.stu, ~enroll, boot)))

# Lonely primary units -------------------------------------------------------------------------
lonely <- apistrat[apistrat$stype != "H" | apistrat$snum == apistrat$snum[apistrat$stype == "H"][1], ]
save_data(lonely, "apistrat_lonely.csv")
for (option in c("remove", "certainty", "adjust", "average")) {
  options(survey.lonely.psu = option)
  dl <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = lonely)
  keep(paste("lonely", option, "mean api00"), of(svymean(~api00, dl)))
  keep(paste("lonely", option, "total enroll"), of(svytotal(~enroll, dl)))
  jl <- as.svrepdesign(dl, type = "JKn")
  keep(paste("lonely", option, "jkn mean api00"), of(svymean(~api00, jl)))
}
options(survey.lonely.psu = "fail")

results$value <- formatC(results$value, digits = 17, format = "g", width = 1)
write.csv(results, file.path(here, "estimation_api.csv"), row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))),
           file.path(here, "estimation_api.versions.txt"))
