# Reference for app/domain/estimation/ranks.py: the procedure of Mogstad, Romano, Shaikh and
# Wilhelm (2024), written out from the paper with 400,000 draws, on their example, the PISA 2018
# mathematics scores of 37 OECD countries (OECD; figures in ranks_pisa_scores.csv), and exact
# quantiles for all pairwise comparisons (Tukey's studentised range).
# Run from the repository: Rscript tests/reference/ranks_pisa.R   (needs 2 GB)
set.seed(20181203)
pisa <- read.csv("tests/reference/ranks_pisa_scores.csv")
x <- pisa$score; p <- length(x)
se <- sqrt(outer(pisa$se^2, pisa$se^2, "+"))
t <- outer(x, x, "-") / se
B <- 400000
Z <- sapply(pisa$se, function(s) rnorm(B, 0, s))
worst <- function(open) {
  largest <- rep(-Inf, B)
  for (i in which(open)) {
    j <- (i - 1) %% p + 1; k <- (i - 1) %/% p + 1
    largest <- pmax(largest, (Z[, j] - Z[, k]) / se[j, k])
  }
  quantile(largest, 0.95, type = 1)
}
open <- !diag(p)
repeat {
  cut <- worst(open)
  rejected <- open & t > cut
  if (!any(rejected)) break
  open <- open & !rejected
}
better <- !open & !diag(p)
holm <- !diag(p)
repeat {  # thirteen degrees of freedom, Holm's step-down
  rejected <- holm & t > qt(1 - 0.05 / sum(holm), 13)
  if (!any(rejected)) break
  holm <- holm & !rejected
}
worse13 <- !holm & !diag(p)
out <- data.frame(country = pisa$country, rank = rank(-x, ties.method = "min"),
  low = 1 + colSums(better), high = p - rowSums(better),
  holm_low = 1 + colSums(worse13), holm_high = p - rowSums(worse13))
write.csv(out, "tests/reference/ranks_pisa.csv", row.names = FALSE, quote = FALSE)
tukey <- expand.grid(p = c(3, 6, 22, 40), df = c(1, Inf))
tukey$df <- ifelse(is.finite(tukey$df), 10 * tukey$p, Inf)  # the fewest for which it is used
tukey$value <- sprintf("%.17g", mapply(function(p, df) qtukey(0.95, p, df) / sqrt(2), tukey$p, tukey$df))
write.csv(tukey, "tests/reference/ranks_tukey.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "\n")
