"""The help page of a layer type, made from what its class declares."""

from __future__ import annotations

import re
from html import escape
from inspect import cleandoc
from typing import Any

from app import theme
from engine.layers import Layer
from engine.spec import Setting

_KERAS = re.compile(r"``(keras\.[\w.]+)``")
_PAPER = re.compile(
    r"[A-Z][\w'’-]+(?:,? (?:& )?[A-Z][\w'’-]+)*(?: et al\.)?,? (?:19|20)\d\d(?: for [^.;]+)?"
)


def page_of(kind: str) -> str:
    """What the layer does, what goes in and out, where it comes from, every setting; as HTML."""
    cls = Layer.kinds[kind]
    muted = theme.colors().muted
    paragraphs = cleandoc(cls.__doc__ or "").split("\n\n")
    parts = [f"<h2>{escape(kind)}</h2>", f'<p style="color:{muted}">{escape(cls.category)}</p>']
    parts += [f"<p>{_prose(each)}</p>" for each in paragraphs if _prose(each)]
    parts.append(f"<p>{_inputs(cls)}</p>")
    parts += _sources(cls.__doc__ or "")
    settings = cls.settings().values()
    if settings:
        parts.append("<h3>Settings</h3><table cellspacing='0' cellpadding='4'>")
        parts += [_row(setting, muted) for setting in settings]
        parts.append("</table>")
    return "".join(parts)


def _prose(paragraph: str) -> str:
    """A paragraph without the places that it cites, which have a section of their own."""
    text = _PAPER.sub("", _KERAS.sub("", " ".join(paragraph.split())))
    text = re.sub(r"[\s;:,]+(?=[.;](?!\.)|$)", "", text)
    text = re.sub(r"(?<!\.)([.:;]) ?[.:;](?!\.)", r"\1", text)
    words = escape(text.strip() if text.strip(". ") else "")
    return re.sub(r"``(.+?)``", r"<code>\1</code>", words)


def _inputs(cls: type[Layer]) -> str:
    least, most = cls.arity
    if most == 0:
        return "It takes no input: data enters here."
    if most is None:
        return f"It takes {least} or more inputs."
    return (
        f"It takes {least} input{'s' * (least != 1)}."
        if least == most
        else (f"It takes {least} to {most} inputs.")
    )


def _sources(text: str) -> list[str]:
    text = " ".join(text.split())
    found = [f"<code>{escape(each)}</code> in Keras" for each in _KERAS.findall(text)]
    found += [escape(each) for each in _PAPER.findall(text)]
    return [f"<p>Source: {'; '.join(found)}.</p>"] if found else []


def _row(setting: Setting, muted: str) -> str:
    facts = [f"default {_value(setting.default)}", _range(setting), setting.unit]
    about = " · ".join(each for each in facts if each)
    return (
        f"<tr><td><b>{escape(setting.label)}</b><br><code>{escape(setting.name)}</code></td>"
        f"<td>{escape(setting.help)}<br>"
        f"<span style='color:{muted}'>{escape(about)}</span></td></tr>"
    )


def _range(setting: Setting) -> str:
    low = setting.ge if setting.ge is not None else setting.gt
    high = setting.le if setting.le is not None else setting.lt
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"at least {low:g}" if setting.ge is not None else f"more than {low:g}"
    if high is not None:
        return f"at most {high:g}" if setting.le is not None else f"less than {high:g}"
    return ""


def _value(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case tuple():
            return " × ".join(str(each) for each in value) or "none"
    kind = getattr(value, "kind", None)
    return kind if isinstance(kind, str) else str(value)
