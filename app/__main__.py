"""`python -m app` is the command `minyi`."""

from app.cli import main

if __name__ == "__main__":
    main()
