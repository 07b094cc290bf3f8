"""How long the long forms are: `make rubbish REQUESTS=…`, 20,000 in a run of all tests."""

import os

REQUESTS = int(os.environ.get("MINYI_TEST_HOSTILE", "20000"))
