"""The help pages: every layer has one, made from its declaration."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QTextDocument

from app.widgets.layer_page import page_of
from engine.layers import Layer


def plain(kind):
    document = QTextDocument()
    document.setHtml(page_of(kind))
    return document.toPlainText()


@pytest.mark.parametrize("kind", Layer.kinds)
def test_every_layer_has_a_page_with_all_that_it_declares(qapp, kind):
    cls, text = Layer.kinds[kind], plain(kind)
    assert text.startswith(kind)
    for setting in cls.settings().values():
        assert setting.label in text
        assert setting.help in text
        assert setting.name in text
    # What is cited stands under Source and nowhere else; no markup is left over.
    assert "``" not in text
    body, _, source = text.partition("Source:")
    assert not re.search(r"(19|20)\d\d", body)
    for year in re.findall(r"\b(?:19|20)\d\d\b", cls.__doc__ or ""):
        assert year in source
    assert not re.search(r"(?<!\.)\.\.(?!\.)| \.|;\.", body)


def test_a_page_says_formula_shapes_and_paper(qapp):
    text = plain("Conv2D")
    assert "y = activation(x * kernel + bias)" in text
    assert "Input (H, W, C)" in text
    assert "LeCun et al. 1989" in text
    assert "1 to 65536" in text
    assert "Input (..., F), output (..., units)" in plain("Dense")
    assert "two" not in plain("Add").partition("Settings")[2]
