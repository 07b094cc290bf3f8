"""Lists as offices keep them: text files of Chinese spreadsheets, or of anybody else's."""

from app.errors import Fault, InvalidInput

LARGEST_LIST = 50 << 20


def decode_list(content: bytes) -> str:
    """Read a file as UTF-8, else as GB 18030, in which Chinese spreadsheets still save CSV.

    Raises InvalidInput where it is neither, or larger than 50 MiB.
    """
    if len(content) > LARGEST_LIST:
        raise InvalidInput(faults=[Fault("file", "too-large", "The file is larger than 50 MiB")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(
        faults=[Fault("file", "not-text", "The file is neither UTF-8 nor GB 18030 text")]
    )
