import pytest

from app.domain.paper.serials import MOST_FORMS, Serial, check_digit, qr_text, read_serial

SERIALS = [Serial(wave, number) for wave in (1, 42, 999) for number in (1, 10, 4711, 98765, 999999)]


@pytest.mark.parametrize("serial", SERIALS, ids=str)
def test_every_single_wrong_digit_is_found(serial: Serial) -> None:
    right = qr_text(serial)
    for place, digit in enumerate(right):
        for other in set("0123456789") - {digit}:
            assert read_serial(right[:place] + other + right[place + 1 :]) is None


@pytest.mark.parametrize("serial", SERIALS, ids=str)
def test_every_swap_of_neighbours_is_found(serial: Serial) -> None:
    right = qr_text(serial)
    for place in range(len(right) - 1):
        swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
        if swapped != right:
            assert read_serial(swapped) is None


def test_the_check_digit_finds_errors_in_all_pairs_of_digits() -> None:
    """Total anti-symmetry, which the two tests above rest on, for every state of the check."""
    for before in range(10):
        lead = next(d for d in "0123456789" if check_digit(d) == before)
        for a in "0123456789":
            for b in set("0123456789") - {a}:
                assert check_digit(lead + a) != check_digit(lead + b)
                assert check_digit(lead + a + b) != check_digit(lead + b + a)


@pytest.mark.parametrize("serial", SERIALS, ids=str)
def test_a_serial_reads_as_written_scanned_or_typed(serial: Serial) -> None:
    assert read_serial(str(serial)) == serial
    assert read_serial(qr_text(serial)) == serial
    assert read_serial(f"  {str(serial).replace('-', ' ')}\n") == serial


def test_the_qr_code_holds_digits_only() -> None:
    assert qr_text(Serial(1, 4711)) == "0010047110"
    assert str(Serial(1, 4711)) == "001-004711-0"


@pytest.mark.parametrize(("wave", "number"), [(0, 1), (1000, 1), (1, 0), (1, MOST_FORMS + 1)])
def test_there_is_no_serial_out_of_range(wave: int, number: int) -> None:
    with pytest.raises(ValueError, match="no room"):
        qr_text(Serial(wave, number))
