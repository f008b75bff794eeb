import pytest

from engine.amounts import bytes_text, short_number


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
