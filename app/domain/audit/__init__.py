"""The log of staff acts as a chain of hashes: entries, seals, and what verification finds."""
