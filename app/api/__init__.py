"""JSON for programs, under `/api/v1`, and the addresses that operators watch."""
