"""Each person once: keyed hashes of persons and permits, and what happens to a second answer.

keys: one master secret outside the database → a key per purpose and wave
person_keys: identity numbers and phones → the keyed hash that stands on the roll
permits: the one-use right to answer: how it is written, hashed, signed and read
sealing: authenticated encryption of the few things that are stored readable only with a key
decision: first, repeat, other route: accept, return the receipt, refuse, replace, file as duplicate
"""
