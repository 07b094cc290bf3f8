"""Published releases in memory: they never change, and everybody asks for the same few."""

from collections import OrderedDict

from app.store.releases import ReleaseRecord

MOST = 16


class ReleaseCache:
    """The releases asked for last, by wave and sequence; one per process."""

    def __init__(self) -> None:
        self._records: OrderedDict[tuple[str, int], ReleaseRecord] = OrderedDict()

    def find(self, wave: str, sequence: int) -> ReleaseRecord | None:
        """Give a release that is kept, if it is."""
        record = self._records.get((wave, sequence))
        if record is not None:
            self._records.move_to_end((wave, sequence))
        return record

    def keep(self, wave: str, record: ReleaseRecord) -> None:
        """Keep a release, and forget the one longest not asked for."""
        self._records[wave, record.sequence] = record
        if len(self._records) > MOST:
            self._records.popitem(last=False)
