"""Paper fieldwork: numbered forms in custody, keyed twice, decided by a third, counted once.

serials: the number on a form: wave, running number, check digit
custody: where a form is: which moves are allowed, and what became of every contact
balance: issued = all outcomes; distributed, returned and valid; the state of a batch
fields: what is keyed from a form, and the digits printed beside the options
marks: what a keyer read → one spelling → answers; «illegible», «two marks», «blank»
entries: which entry a keyer's sheet becomes; the share of second entry
comparison, adjudication: where two entries differ · the third person's decision
error_rates, near_duplicates: figures about keyers and interviewers, with intervals
batch_file: the columns of keyed files; rows → sheets or all faults by row and column
sheet: what is printed on a form, as plain data · keying_plan: what a keying page knows of it
calls: call sheets, worked off by telephone · call_script: what the interviewer reads out
"""
