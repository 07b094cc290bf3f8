"""How long the long forms are: `make rubbish REQUESTS=…`, a few thousand in a run of all tests."""

import os

REQUESTS = int(os.environ.get("MINYI_TEST_HOSTILE", "6000"))
