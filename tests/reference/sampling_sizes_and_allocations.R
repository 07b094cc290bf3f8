# Reference numbers for app/domain/sampling: sizes, allocations, inclusion probabilities.
# Run from the repository: Rscript tests/reference/sampling_sizes_and_allocations.R
# Formulas are written out from the sources named; package `sampling` (Tillé and Matei) gives
# inclusion probabilities with certainty units and Sampford's joint ones.
suppressMessages(library(sampling))
lines <- c(sprintf("version.R,%s.%s", R.version$major, R.version$minor),
           sprintf("version.sampling,%s", packageVersion("sampling")))
put <- function(name, values) {
  names <- if (length(values) == 1) name else paste0(name, ".", seq_along(values))
  lines <<- c(lines, sprintf("%s,%.17g", names, values))
}

# Cochran (1977), 4.4: n0 = t^2 p q / d^2, n = n0 / (1 + (n0 - 1) / N), at many settings
cochran <- function(d, p, N, conf) {
  n0 <- qnorm((1 + conf) / 2)^2 * p * (1 - p) / d^2
  n0 / (1 + (n0 - 1) / N)
}
grid <- expand.grid(d = c(0.01, 0.03, 0.05), p = c(0.1, 0.5), N = c(500, 17560000), conf = c(0.9, 0.95, 0.99))
put("proportion", ceiling(with(grid, cochran(d, p, N, conf))))
# a mean with design effect: the n at which z * sqrt(deff * (1 - n/N) * S^2 / n) equals the margin
half <- function(n, S, N, deff, conf) qnorm((1 + conf) / 2) * sqrt(deff * (1 - n / N) * S^2 / n)
solve_n <- function(e, S, N, deff, conf)
  uniroot(function(n) half(n, S, N, deff, conf) - e, c(1e-6, N), tol = 1e-12)$root
put("mean", c(solve_n(2, 25, 1e6, 1, 0.95), solve_n(2, 25, 5000, 1.8, 0.95), solve_n(1, 30, 800, 2.5, 0.99)))

# Allocation of 1000 over the ten districts of a synthetic city
N <- c(913400, 1082500, 1294500, 208900, 3340100, 1988700, 480900, 300900, 1389000, 132000)
S <- c(21.5, 24.1, 19.8, 22.7, 27.3, 26.2, 24.9, 25.5, 23.3, 18.6)
M <- c(71.2, 68.4, 73.7, 70.1, 62.6, 64.0, 66.5, 65.2, 69.9, 72.8)
C <- c(40, 40, 45, 60, 35, 35, 50, 50, 40, 65)
share <- function(a, n) n * a / sum(a)
put("proportional", share(N, 1000))
put("neyman", share(N * S, 1000))                      # Cochran 5.5
put("cost_total", share(N * S / sqrt(C), 1000))        # Cochran 5.5
put("cost_budget", 40000 * (N * S / sqrt(C)) / sum(N * S * sqrt(C)))  # Cochran 5.5
put("power_half", share((N * M)^0.5 * S / M, 1000))    # Bankier (1988)
put("power_zero", share(S / M, 1000))
put("power_one", share((N * M) * S / M, 1000))
stratified_se <- function(n) sqrt(sum((N / sum(N))^2 * (1 - n / N) * S^2 / n))  # Cochran 5.3
put("se_equal", stratified_se(rep(100, 10)))

# Inclusion probabilities with certainty units, and Sampford's joint ones
size <- c(5, 10, 20, 30, 15, 400, 90)
put("pi", inclusionprobabilities(size, 4))
p <- c(5, 10, 20, 30, 15, 35); pik <- 3 * p / sum(p)
put("sampford_joint", as.vector(UPsampfordpi2(pik)))
writeLines(lines, "tests/reference/sampling_sizes_and_allocations.csv")
