"""Serials of paper forms: `001-004711-0` = wave, running number, check digit.

Digits only: they are quick on a number pad, the same in every language, and no keyboard layout of a
scanner garbles them. The check digit is Damm's (H. M. Damm, Total anti-symmetrische Quasigruppen,
Marburg 2004): it finds every single wrong digit and every swap of neighbours, the wave's digits
included, so that a form of another wave is not taken for one of this.
"""

import dataclasses
import re

WAVE_DIGITS = 3
NUMBER_DIGITS = 6
MOST_FORMS = 10**NUMBER_DIGITS - 1
MOST_WAVES = 10**WAVE_DIGITS - 1
_WRITTEN = re.compile(rf"[0-9]{{{WAVE_DIGITS + NUMBER_DIGITS + 1}}}", re.ASCII)
_SEPARATORS = str.maketrans("", "", "- \t")

_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Serial:
    """The number of one form of one wave. `wave` is the wave's number in this installation."""

    wave: int
    number: int

    def __str__(self) -> str:
        """Write it as printed for people."""
        digits = qr_text(self)
        return f"{digits[:WAVE_DIGITS]}-{digits[WAVE_DIGITS:-1]}-{digits[-1]}"


def check_digit(digits: str) -> int:
    """Give Damm's check digit of a line of digits."""
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][int(digit)]
    return interim


def qr_text(serial: Serial) -> str:
    """Write a serial for a QR code: digits alone."""
    if not (0 < serial.wave <= MOST_WAVES and 0 < serial.number <= MOST_FORMS):
        msg = "the serial has no room for this number"
        raise ValueError(msg)
    digits = f"{serial.wave:0{WAVE_DIGITS}d}{serial.number:0{NUMBER_DIGITS}d}"
    return f"{digits}{check_digit(digits)}"


def read_serial(text: str) -> Serial | None:
    """Read a serial as typed or scanned; None where digits are missing or don't fit together."""
    digits = text.strip().translate(_SEPARATORS)
    if not _WRITTEN.fullmatch(digits) or check_digit(digits) != 0:
        return None
    return Serial(int(digits[:WAVE_DIGITS]), int(digits[WAVE_DIGITS:-1]))
