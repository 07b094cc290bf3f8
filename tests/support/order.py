"""In which order a run takes the tests, so that no worker waits long for another in the end.

Each worker begins with an equal part of the list, and whoever is done takes from the end of
another's. Where those ends are short tests, all are done at about the same time.
"""

from itertools import chain, groupby
from math import ceil

import pytest


def quick_last(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Spread slow modules over each worker's part, quick tests between them and after the last.

    Not all slow ones first: their servers and browsers would want the machine at the same time.
    """
    modules = [list(group) for _, group in groupby(items, key=lambda item: item.path)]
    slow = [module for module in modules if _is_slow(module)]
    quick = list(chain.from_iterable(module for module in modules if not _is_slow(module)))
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        own = slow[worker::workers]
        whole = ceil(len(items) * (worker + 1) / workers) - len(ordered)
        room = max(0, whole - sum(map(len, own)))
        part, quick = quick[:room], quick[room:]
        between = room // (len(own) + 1)
        for module in own:
            ordered += module + part[:between]
            del part[:between]
        ordered += part
    return ordered + quick


def _is_slow(module: list[pytest.Item]) -> bool:
    return any(item.get_closest_marker(one) for item in module for one in ("slow", "browser"))
