# Reference numbers for app/domain/releases from R's survey package: the Copenhagen housing survey.
#
#   Rscript tests/reference/releases_copenhagen.R      (run from the root of the repository)
#
# 1,681 residents, everybody counts the same; satisfaction is scored 0, 50, 100. Means by type of
# housing with linearised standard errors. Writes releases_copenhagen.csv with 17 significant digits
# and the versions.
suppressMessages(library(survey))
options(digits = 17)
counts <- read.csv("tests/questionnaires/copenhagen-housing/counts.csv")
residents <- counts[rep(seq_len(nrow(counts)), counts$residents), ]
residents$score <- c(Low = 0, Medium = 50, High = 100)[residents$satisfaction]
design <- svydesign(ids = ~1, weights = ~1, data = residents)
means <- svyby(~score, ~type, design, svymean)
lines <- "name,value"
for (type in rownames(means)) {
  lines <- c(lines, paste0("mean.", type, ",", format(coef(means)[[type]], digits = 17)),
             paste0("se.", type, ",", format(means[type, "se"], digits = 17)))
}
lines <- c(lines, paste0("version.R,", getRversion()),
           paste0("version.survey,", packageVersion("survey")))
writeLines(lines, "tests/reference/releases_copenhagen.csv")
