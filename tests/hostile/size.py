"""How long the long forms are: `make rubbish REQUESTS=…`, 10,000 in a run of all tests."""

import os

REQUESTS = int(os.environ.get("MINYI_TEST_HOSTILE", "10000"))
TIMEOUT = max(300, REQUESTS // 20)
"""Seconds for one test: the long forms take hours where the machine has other work."""
