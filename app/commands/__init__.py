"""The command line, one module per subject; `app/cli.py` puts them together."""
