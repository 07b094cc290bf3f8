"""`python -m app` is the command `minyi`.

What is imported stays for good: no collection of garbage looks for any in it, neither while it is
being imported, which would take a fifth longer, nor ever after.
"""

import gc

gc.disable()

from app.cli import main  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
