# The published counts of the Copenhagen housing conditions survey, one row per combination.
# Run in this folder: Rscript counts.R
# Made with R 4.2.2 and MASS 7.3-58.2 (Debian r-base-core and r-cran-mass).
counts <- MASS::housing
names(counts) <- c("satisfaction", "influence", "type", "contact", "residents")
stopifnot(nrow(counts) == 72, sum(counts$residents) == 1681)
write.csv(counts, "counts.csv", row.names = FALSE, quote = FALSE)
