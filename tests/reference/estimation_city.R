# Reference numbers for app/domain/estimation from R's survey package: a synthetic city.
#
#   Rscript tests/reference/estimation_city.R      (run from the root of the repository)
#
# Four strata of survey points (24 of 96), respondents drawn within points, answers on a rating
# scale with skipped items (NA) and "don't know" (9), two waves, a degenerate department. Writes the
# data (estimation_city.csv), every number with 17 significant digits (estimation_city_numbers.csv)
# and the versions.
suppressMessages(library(survey))
options(digits = 17)
here <- "tests/reference"
set.seed(20101231, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

points <- data.frame(point = 1:24, stratum = rep(c("core", "inner", "outer", "new"), each = 6),
                     mood = rnorm(24, 0, 0.4), people = sample(400:900, 24))
rows <- points[rep(1:24, times = sample(12:24, 24, replace = TRUE)), ]
n <- nrow(rows)
city <- data.frame(
  id = 1:n, stratum = rows$stratum, point = rows$point, points = 24, people = rows$people,
  age = sample(c("18-34", "35-54", "55+"), n, TRUE, c(0.45, 0.35, 0.2)),
  sex = sample(c("female", "male"), n, TRUE), hukou = sample(c("local", "other"), n, TRUE, c(0.4, 0.6)),
  wave = ifelse(rows$point %% 2 == 0, "2009", "2010"))
for (d in 1:4) {
  y <- pmin(5, pmax(1, round(3 + rows$mood + 0.2 * d + 0.3 * (city$age == "55+") + rnorm(n))))
  y[runif(n) < 0.08] <- 9
  y[runif(n) < 0.08] <- NA
  city[[paste0("q", d)]] <- y
}
city$always <- 5
city$never <- ifelse(city$age == "55+" & city$point == 3, 1, 0)
drawn <- ave(city$id, city$point, FUN = length)
city$w <- 96 / 24 * city$people / drawn
write.csv(city, file.path(here, "estimation_city.csv"), row.names = FALSE, quote = FALSE)

known <- function(y) ifelse(is.na(y) | y == 9, NA, y)
for (d in 1:4) {
  city[[paste0("a", d)]] <- as.numeric(!is.na(known(city[[paste0("q", d)]])))
  city[[paste0("y", d)]] <- ifelse(city[[paste0("a", d)]] == 1, city[[paste0("q", d)]], 0)
  city[[paste0("v", d)]] <- known(city[[paste0("q", d)]])
}

results <- data.frame(case = character(), quantity = character(), value = numeric())
keep <- function(case, ...) {
  values <- c(...)
  results <<- rbind(results, data.frame(case = case, quantity = names(values), value = unname(values)))
}
of <- function(x) c(value = unname(coef(x))[1], se = unname(SE(x))[1])
quantile_of <- function(x) {
  m <- as.numeric(x[[1]])
  c(value = m[1], lower = m[2], upper = m[3], se = m[4])
}

pop <- sum(city$w)
age <- data.frame(age = c("18-34", "35-54", "55+"), Freq = round(pop) * c(0.38, 0.36, 0.26))
sex <- data.frame(sex = c("female", "male"), Freq = round(pop) * c(0.49, 0.51))
hukou <- data.frame(hukou = c("local", "other"), Freq = round(pop) * c(0.42, 0.58))
keep("population", total = round(pop))
totals <- c(`(Intercept)` = round(pop), `age35-54` = age$Freq[2], `age55+` = age$Freq[3],
            sexmale = sex$Freq[2], hukouother = hukou$Freq[2])

designs <- list(
  wr = svydesign(id = ~point, strata = ~stratum, weights = ~w, data = city),
  two = svydesign(id = ~point + id, strata = ~stratum + point, weights = ~w, fpc = ~points + people, data = city))
for (name in names(designs)) {
  d <- designs[[name]]
  keep(paste(name, "mean q1"), of(svymean(~v1, d, na.rm = TRUE)), df = degf(d))
  keep(paste(name, "total q2"), of(svytotal(~y2, d)))
  m <- svymean(~as.numeric(v3 == 5), d, na.rm = TRUE)
  keep(paste(name, "top box q3"), of(m))
  raked <- calibrate(d, ~age + sex + hukou, totals, calfun = "raking", epsilon = 1e-13, maxit = 200)
  keep(paste(name, "raked mean q1"), of(svymean(~v1, raked, na.rm = TRUE)))
  keep(paste(name, "raked mean q1 55+"), of(svymean(~v1, subset(raked, age == "55+"), na.rm = TRUE)))
  bounded <- calibrate(d, ~age + sex + hukou, totals, calfun = "logit", bounds = c(0.5, 2), epsilon = 1e-13, maxit = 200)
  keep(paste(name, "logit mean q2"), of(svymean(~v2, bounded, na.rm = TRUE)),
       wmin = min(weights(bounded)), wmax = max(weights(bounded)))
  cut <- calibrate(d, ~age + sex + hukou, totals, calfun = "linear", bounds = c(0.7, 1.5), epsilon = 1e-13, maxit = 200)
  keep(paste(name, "truncated mean q2"), of(svymean(~v2, cut, na.rm = TRUE)),
       wmin = min(weights(cut)), wmax = max(weights(cut)))
  ps <- postStratify(d, ~age + sex, data.frame(expand.grid(age = age$age, sex = sex$sex),
        Freq = as.vector(outer(age$Freq, sex$Freq)) / round(pop)))
  keep(paste(name, "post-stratified mean q4"), of(svymean(~v4, ps, na.rm = TRUE)))
  # the index 0.6 * (q1 + q2)/2 + 0.4 * q3, each item over those who answered it
  for (variant in c("plain", "raked")) {
    design <- if (variant == "raked") raked else d
    sums <- svytotal(~y1 + a1 + y2 + a2 + y3 + a3, design)
    index <- svycontrast(sums, quote(0.6 * (y1 / a1 + y2 / a2) / 2 + 0.4 * (y3 / a3)))
    keep(paste(name, variant, "index"), value = unname(as.numeric(coef(index))), se = as.numeric(SE(index)))
    two <- svycontrast(sums, quote(y1 / a1 - y2 / a2))
    keep(paste(name, variant, "q1 - q2"), value = unname(as.numeric(coef(two))), se = as.numeric(SE(two)))
  }
  waves <- svyby(~v1, ~wave, subset(d, a1 == 1), svymean, covmat = TRUE)
  change <- svycontrast(waves, c(`2009` = -1, `2010` = 1))
  keep(paste(name, "change of q1"), of(change))
}
# Rating scales are tied: quantiles by the rules that make sense on them
d <- designs$wr
for (p in c(0.1, 0.25, 0.5, 0.75, 0.9))
  keep(paste("wr quantile q2", p), quantile_of(svyquantile(~v2, subset(d, a2 == 1), p, df = degf(d))))
keep("wr quantile q4 school", quantile_of(svyquantile(~v4, subset(d, a4 == 1), 0.5, qrule = "school", df = degf(d))))
# Shares
s <- subset(d, a4 == 1)
for (method in c("beta", "xlogit")) {
  p <- svyciprop(~I(v4 == 1), s, method = method, df = degf(d))
  keep(paste("wr share q4", method), value = unname(coef(p))[1], lower = confint(p)[1], upper = confint(p)[2])
}
p <- svyciprop(~I(never == 1), d, method = "beta")
keep("wr share never beta", value = unname(coef(p))[1], lower = confint(p)[1], upper = confint(p)[2])
# Wilson by hand: n_effective = p(1 - p)/V, t for z
m <- svymean(~as.numeric(v4 == 1), s)
phat <- coef(m)[[1]]; ne <- phat * (1 - phat) / vcov(m)[1, 1]; tt <- qt(0.975, degf(d))
centre <- (phat + tt^2 / (2 * ne)) / (1 + tt^2 / ne)
reach <- tt * sqrt(phat * (1 - phat) / ne + tt^2 / (4 * ne^2)) / (1 + tt^2 / ne)
keep("wr share q4 wilson", value = phat, lower = centre - reach, upper = centre + reach)
# Degenerate: everybody answers alike
keep("wr mean always", value = coef(svymean(~always, d))[[1]])
# JKn with re-calibration, on a clustered and stratified design
jk <- as.svrepdesign(d, type = "JKn")
keep("wr jkn mean q1", of(svymean(~v1, jk, na.rm = TRUE)))
jr <- calibrate(jk, ~age + sex + hukou, totals, calfun = "raking", epsilon = 1e-13, maxit = 200)
keep("wr jkn raked mean q1", of(svymean(~v1, jr, na.rm = TRUE)))
keep("wr jkn raked total q2", of(svytotal(~y2, jr)))
jm <- as.svrepdesign(designs$two, type = "JKn", mse = TRUE)
keep("two jkn mse ratio", of(svyratio(~y1, ~a1, jm)))

results <- results[!duplicated(results[, c("case", "quantity")], fromLast = TRUE), ]
results$value <- formatC(results$value, digits = 17, format = "g", width = 1)
write.csv(results, file.path(here, "estimation_city_numbers.csv"), row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))),
           file.path(here, "estimation_city.versions.txt"))
