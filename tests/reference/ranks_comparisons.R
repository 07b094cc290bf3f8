# Reference for app/domain/estimation/comparisons.py: p.adjust, and Welch's t-test as the
# difference of two independent simple random samples.
# Run from the repository: Rscript tests/reference/ranks_comparisons.R
set.seed(4711)
D <- 22
rows <- lapply(seq_len(D), function(i) {
  before <- rnorm(14 + i, 65 + i / 3, 9); after <- rnorm(40 - i, 66 + i / 2 + 9 * (i %% 5 == 0), 7)
  test <- t.test(after, before)
  c(mean(before), var(before) / length(before), length(before) - 1,
    mean(after), var(after) / length(after), length(after) - 1,
    test$estimate[1] - test$estimate[2], test$stderr, test$parameter, test$conf.int, test$p.value)
})
table <- do.call(rbind, rows)
table <- cbind(table, p.adjust(table[, 12], "holm"), p.adjust(table[, 12], "BH"))
colnames(table) <- c("before", "v_before", "f_before", "after", "v_after", "f_after", "difference",
  "error", "freedom", "low", "high", "p", "holm", "bh")
text <- apply(table, 2, function(column) sprintf("%.17g", column))
write.csv(text, "tests/reference/ranks_comparisons.csv", row.names = FALSE, quote = FALSE)
# ties, ones, zeros and missing p-values
p <- c(0.01, 0.04, NA, 0.04, 1, 0, 0.03, 0.2, NA, 0.0004)
edge <- data.frame(p = sprintf("%.17g", p), holm = sprintf("%.17g", p.adjust(p, "holm")),
  bh = sprintf("%.17g", p.adjust(p, "BH")))
write.csv(edge, "tests/reference/ranks_p_adjust.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "\n")
