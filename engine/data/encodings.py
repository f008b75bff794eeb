"""The encoding of a text file: found out, or as set, and said where it was not UTF-8."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Literal

from engine.errors import DataError

Encoding = Literal[
    "auto", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1252", "windows-1250",
    "windows-1251", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "koi8-r",
    "iso-8859-2", "iso-8859-15", "ibm437", "ibm850", "ibm866", "mac-roman", "shift-jis",
    "euc-jp", "gb18030", "big5", "euc-kr",
]  # fmt: skip

_CODECS = {
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1257)},
    **{f"ibm{page}": f"cp{page}" for page in (437, 850, 866)},
    "koi8-r": "koi8_r",
    "iso-8859-2": "iso8859_2",
    "iso-8859-15": "iso8859_15",
    "mac-roman": "mac_roman",
    "shift-jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "euc_kr",
}
"""Python's codec where its name is another one."""

_GUESSED = {
    "cp1252": "windows-1252", "cp1250": "windows-1250", "cp1251": "windows-1251",
    "cp1253": "windows-1253", "cp1254": "windows-1254", "cp1255": "windows-1255",
    "cp1256": "windows-1256", "koi8_r": "koi8-r", "shift_jis": "shift-jis", "euc_jp": "euc-jp",
    "gb18030": "gb18030", "big5": "big5", "euc_kr": "euc-kr", "cp866": "ibm866",
}  # fmt: skip
_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "windows-1252"
_SNIFFED = 2**18
_MOST_STRAY = 0.1
"""For each letter in UTF-8 there may be so many lines with a byte in another encoding."""
_UTF8_LETTER = re.compile(b"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


def decode(
    data: bytes, place: str, encoding: str = "auto", likely: str = ""
) -> tuple[str, str, tuple[str, ...]]:
    """Return the text, its encoding, and notes about what was guessed.

    A byte order mark decides; then UTF-8 is tried, which other encodings hardly ever
    fulfil by accident; then ``likely``; what is left is guessed from the letters.

    Args:
        encoding: one of :data:`Encoding`.
        likely: an encoding that a file of the same origin had.

    Raises:
        DataError: the bytes are no text in the encoding that is set, or no text at all.
    """
    if encoding != "auto":
        text, notes = _as_set(data, place, encoding)
        return _checked(text, place), encoding, notes
    for mark, name in _MARKS:
        if data.startswith(mark):
            codec = "utf-8-sig" if name == "utf-8" else "utf-16"
            return _checked(data.decode(codec, errors="replace"), place), name, ()
    wide = _utf16_without_mark(data)
    if wide:
        text = _checked(data.decode(wide, errors="replace"), place)
        return text, wide, (f"The file is read as {wide.upper()}: every other byte is zero.",)
    try:
        return _checked(data.decode("utf-8"), place), "utf-8", ()
    except UnicodeDecodeError:
        pass
    known = _strictly(data, likely) if likely else None
    if known is not None:
        return _checked(known, place), likely, ()
    mended = _mixed(data)
    if mended is not None:
        text, lines = mended
        return _checked(text, place), "utf-8", (_mixed_note(lines),)
    return _guessed(data, place)


def _as_set(data: bytes, place: str, encoding: str) -> tuple[str, tuple[str, ...]]:
    codec = {"utf-8": "utf-8-sig"}.get(encoding, _CODECS.get(encoding, encoding))
    try:
        return data.decode(codec), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{place}, line {line} has the byte 0x{data[error.start]:02x}, "
            f"which is no {encoding} text.",
            "Choose another Encoding, or let it be found out (auto).",
        ) from error


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(_CODECS.get(encoding, encoding))
    except (UnicodeDecodeError, LookupError):
        return None


def _utf16_without_mark(data: bytes) -> Encoding | None:
    """The byte order of UTF-16 text that is mostly Latin: every other byte is zero."""
    start = data[:4096]
    if len(start) < 8 or len(data) % 2:
        return None
    even, odd = start[::2].count(0) / len(start[::2]), start[1::2].count(0) / len(start[1::2])
    if odd > 0.6 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.05 else None


def _mixed(data: bytes) -> tuple[str, list[int]] | None:
    """UTF-8 text with a few bytes of Windows-1252, and in which lines; None for other text."""
    text = data.decode("utf-8", errors=_WESTERN)
    bad = [
        number
        for number, line in enumerate(data.split(b"\n"), 1)
        if not line.isascii() and _strictly(line, "utf-8") is None
    ]
    good = len(_UTF8_LETTER.findall(data))
    if not good or len(bad) > max(1, _MOST_STRAY * good):
        return None
    return text, bad


def _mixed_note(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:3])) + (f" and {len(lines) - 3} more" * (len(lines) > 3))
    start = f"Lines {shown} have" if len(lines) > 1 else f"Line {shown} has"
    return (
        f"{start} letters that are not UTF-8 like the rest of the file; they are read as "
        f"{_WESTERN}. If the letters look wrong, set Encoding."
    )


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", errors="replace"), error.end


codecs.register_error(_WESTERN, _as_western)


def _guessed(data: bytes, place: str) -> tuple[str, str, tuple[str, ...]]:
    from charset_normalizer import from_bytes

    sample = data[:_SNIFFED]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    # Of lines in ASCII nothing can be learned, and they water down the rest.
    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    found = list(from_bytes(telling or sample, cp_isolation=list(_GUESSED)))
    names = [_GUESSED[each.encoding] for each in found if each.encoding in _GUESSED]
    if found:
        best = found[0]
        western = next((each for each in found if "cp1252" in each.could_be_from_charset), None)
        if western and (western.chaos, -western.coherence) <= (best.chaos, -best.coherence):
            names.insert(0, _WESTERN)
    for name in [*names, _WESTERN]:
        text = _strictly(data, name)
        if text is not None and not _is_narrow_kana(text):
            note = f"The file is not UTF-8; its letters look like {name}. If some look wrong, "
            return _checked(text, place), name, (f"{note}change Encoding.",)
    text = data.decode("cp1252", errors="replace")
    lost = text.count("\ufffd")
    note = (
        f"The file is neither UTF-8 nor another known encoding; it is read as {_WESTERN}, "
        f"and {lost:,} {'letters are' if lost > 1 else 'letter is'} lost. Change Encoding."
    )
    return _checked(text, place), _WESTERN, (note,)


def _is_narrow_kana(text: str) -> bool:
    """Whether text is nothing but narrow katakana: in Shift JIS any bytes may be that."""
    foreign = [each for each in text[:_SNIFFED] if not each.isascii()]
    narrow = sum("\uff61" <= each <= "\uff9f" for each in foreign)
    return 2 * narrow > len(foreign)


def _checked(text: str, place: str) -> str:
    """Text with plain line ends.

    Raises:
        DataError: it holds control characters, as no text does, or nothing.
    """
    if not text.strip("\ufeff \t\r\n\0"):
        raise DataError(f"{place} is empty.", "Choose a file with a header and rows.")
    start = text[: 2**16]
    odd = sum(
        unicodedata.category(each) in ("Cc", "Cn", "Cs")
        for each in start
        if not (each.isprintable() or each in "\t\r\n\f")
    ) + start.count("\ufffd")
    if "\0" in text or odd > len(start) // 50:
        raise DataError(f"{place} is not a text file.", "Choose a CSV file.")
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
