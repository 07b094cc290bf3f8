"""What the benchmarks of a running server share: machine, processes, requests, tables."""
