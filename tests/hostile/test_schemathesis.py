"""The whole OpenAPI description, tried by a machine: each operation alone, and in sequences."""
