import pytest

from engine.amounts import brief_number, bytes_text, short_number


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999_999, "999,999"), (1_240_000, "1.24 M"), (3_100_000_000, "3.10 G")],
)
def test_short_number(count: int, text: str) -> None:
    assert short_number(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (20 * 2**20, "20.0 MiB"),
        (2**50, "1,024.0 TiB"),
    ],
)
def test_bytes(count: int, text: str) -> None:
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (950, "950"),
        (1_000, "1.00 k"),
        (12_800, "12.8 k"),
        (99_960, "100 k"),
        (225_280, "225 k"),
        (999_700, "1.00 M"),
        (1_240_000, "1.24 M"),
        (3.1e9, "3.10 G"),
        (5e15, "5000 T"),
    ],
)
def test_brief_numbers_have_three_digits(count, text):
    assert brief_number(count) == text
