# R's survey package on the file of benchmarks/estimation.py.
#   Rscript benchmarks/estimation_peer.R FILE ROWS MARGINS.json-like.csv DEPARTMENTS
# Prints JSON: seconds for raking and estimation, peak memory of the process, the estimates.
suppressMessages(library(survey))
arguments <- commandArgs(TRUE)
file <- arguments[1]; rows <- as.numeric(arguments[2]); margins <- read.csv(arguments[3])
departments <- as.integer(arguments[4])
started <- proc.time()[["elapsed"]]; began <- sum(proc.time()[1:2])
connection <- file(file, "rb")
city <- list(w = readBin(connection, "double", rows))
for (name in c("stratum", "point", "district", "age", "sex", "education"))
  city[[name]] <- readBin(connection, "integer", rows, size = 1)
scores <- c(NA, 0, 30, 60, 80, 100, NA)
for (d in seq_len(departments))
  city[[sprintf("D%02d", d)]] <- scores[readBin(connection, "integer", rows, size = 1) + 2]
close(connection)
city <- as.data.frame(city)
for (name in unique(margins$margin)) city[[name]] <- factor(city[[name]])
read_at <- proc.time()[["elapsed"]]
design <- svydesign(id = ~point, strata = ~stratum, weights = ~w, data = city)
totals <- c(`(Intercept)` = sum(margins$total[margins$margin == "district"]))
for (name in unique(margins$margin)) {
  some <- margins[margins$margin == name, ]
  totals <- c(totals, setNames(some$total[-1], paste0(name, some$level[-1])))
}
raked <- calibrate(design, ~district + age + sex + education, totals, calfun = "raking", epsilon = 1e-8, maxit = 100)
estimates <- sapply(seq_len(departments), function(d) {
  m <- svymean(as.formula(sprintf("~D%02d", d)), raked, na.rm = TRUE)
  c(coef(m)[[1]], SE(m)[[1]])
})
done <- proc.time()[["elapsed"]]
peak <- as.numeric(sub("[^0-9]*([0-9]+).*", "\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
pairs <- apply(estimates, 2, function(x) sprintf("[%.15g, %.15g]", x[1], x[2]))
cat(sprintf('{"seconds": %.3f, "processor_seconds": %.3f, "seconds_without_reading": %.3f, "peak_mb": %.0f, "version": "survey %s", "estimates": [%s]}\n',
            done - started, sum(proc.time()[1:2]) - began, done - read_at, peak, packageVersion("survey"), paste(pairs, collapse = ", ")))
