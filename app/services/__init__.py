"""What the system does. One public function is one sentence that a person would say, and opens
and closes its own transaction; replies are made after the commit.

Every function takes `Resources` first and, from there on, plain values by keyword. No web here.
"""
