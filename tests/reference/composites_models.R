# Reference for app/domain/estimation/fay_herriot.py and propensity.py.
# Fay-Herriot: package metafor (rma with REML is the same model; blup gives the EBLUP and
# sqrt(g1 + g2)); g3 is written out from Datta and Lahiri (2000).
# Propensity: the pseudo-likelihood of Chen, Li and Wu (2020) maximised by Newton's method here.
# Run from the repository: Rscript tests/reference/composites_models.R
suppressMessages(library(metafor))
set.seed(20101201)
m <- 40
poll <- rnorm(m, 80, 6)
psi <- runif(m, 0.5, 9)
survey <- 20 + 0.6 * poll + rnorm(m, 0, 2) + rnorm(m, 0, sqrt(psi))
control <- list(threshold = 1e-14, maxiter = 10000)
fit <- rma(survey, psi, mods = ~poll, method = "REML", control = control)
eblup <- blup(fit, digits = 15)
tau2 <- fit$tau2
g3 <- psi^2 / (tau2 + psi)^3 * 2 / sum(1 / (tau2 + psi)^2)
out <- data.frame(survey, psi, poll, eblup = eblup$pred, rmse = sqrt(eblup$se^2 + 2 * g3))
write.csv(apply(out, 2, function(x) sprintf("%.17g", x)), "tests/reference/composites_fay_herriot.csv",
  row.names = FALSE, quote = FALSE)
writeLines(sprintf("%s,%.17g", c("tau2", "intercept", "slope"), c(tau2, fit$beta)),
  "tests/reference/composites_fay_herriot_fit.csv")

nA <- 400; nB <- 150
age <- c("18-34", "35-54", "55+"); sex <- c("f", "m")
A <- data.frame(age = sample(age, nA, TRUE, c(6, 3, 1)), sex = sample(sex, nA, TRUE), visits = rpois(nA, 3))
B <- data.frame(age = sample(age, nB, TRUE, c(3, 4, 3)), sex = sample(sex, nB, TRUE), visits = rpois(nB, 2))
d <- round(runif(nB, 40, 160), 3)
XA <- model.matrix(~ age + sex + visits, A); XB <- model.matrix(~ age + sex + visits, B)
theta <- c(log(nA / sum(d)), 0, 0, 0, 0)
for (i in 1:100) {
  pi <- drop(plogis(XB %*% theta))
  theta <- theta + solve(t(XB) %*% (XB * (d * pi * (1 - pi))), colSums(XA) - drop(t(XB) %*% (d * pi)))
}
theta <- drop(theta)
write.csv(cbind(A, weight = sprintf("%.17g", drop(1 / plogis(XA %*% theta)))),
  "tests/reference/composites_poll.csv", row.names = FALSE, quote = FALSE)
write.csv(cbind(B, d), "tests/reference/composites_reference_sample.csv", row.names = FALSE, quote = FALSE)
writeLines(sprintf("%s,%.17g", names(theta), theta), "tests/reference/composites_propensity_fit.csv")
cat(R.version.string, "metafor", format(packageVersion("metafor")), "\n")
