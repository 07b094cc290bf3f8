"""Survey definitions: what a city declares in a folder of YAML, and what follows from it.

text, conditions, model, departments, audience, analysis, scheme, definition: the shapes
parsing, yaml_text: files → definition, all faults at once with file and line
checks, fairness: what a well-formed definition may still get wrong · what it may not do to citizens
findings: what a check says, and where
answers: what a respondent sent → accepted answers or faults · answer_checks, grid_checks: one
check per kind of question · reading: one pass over a sheet, and the words of every fault
navigation: which sections and questions a respondent sees, and in which order
versions: canonical bytes and hash; which changes would break stored answers
"""
