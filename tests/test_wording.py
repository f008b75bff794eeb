"""What the user reads is plain English, and not the code's private dialect."""

from __future__ import annotations

import re

from tests.sentences import sentences

# Word for word translations that stood in the window, and what is written instead.
FORBIDDEN = {
    r"\bmends?\b": "fix",
    r"\banew\b": "again, over",
    r"\bputs? out\b": "output",
    r"\bmakes? of (it|the)\b": "output",
    r"\bdrawn again\b": "reconstructed",
    r"\bbroke off\b": "failed, ended",
    r"\bof them trained\b": "trainable",
    r"\bgo(es)? on already\b": "is under way",
    r"\ban error (of|in) the program\b": "a bug in Netsmith",
    r"\bis no known\b": "is not a known",
    r"\bfor good\b": "permanently",
    r"\bon nothing\b": "on empty canvas",
    r"\bpresent (data|weights|ones)\b": "current",
    r"\bso that no\b": "so no",
}


def test_no_sentence_reads_as_if_translated() -> None:
    bad = [
        f"{place}: {text!r}: better {better!r}"
        for place, text in sentences()
        for pattern, better in FORBIDDEN.items()
        if re.search(pattern, text, re.I)
    ]
    assert not bad, "\n".join(bad)


def test_the_list_of_sentences_sees_what_is_shown() -> None:
    found = {text for _, text in sentences()}
    assert "Predict with the trained network" in found
    assert "Wrote {…} rows to {…}." in found
