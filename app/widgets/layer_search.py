"""Finding layer types by what the user types."""

from __future__ import annotations

from collections.abc import Iterable

from app import theme
from app.widgets.layer_look import summary
from app.widgets.offers import shown_name
from engine.layers import Layer
from engine.spec import plain_name


def by_category() -> dict[str, list[str]]:
    """Layer types by category: categories as in the theme, new ones and layers as registered."""
    known = {cls.category for cls in Layer.palette().values()}
    found: dict[str, list[str]] = {name: [] for name, _ in theme.LIGHT.categories if name in known}
    for kind, cls in Layer.palette().items():
        found.setdefault(cls.category or "Other", []).append(kind)
    return found


def search(text: str, kinds: Iterable[str]) -> list[str]:
    """The layer types that match, best first; all of them for an empty text.

    Matches the name, its initials ("bn" finds BatchNormalization), other
    accepted spellings, the category and the one-line summary, in this order.
    """
    wanted = plain_name(text)
    if not wanted:
        return list(kinds) if not text.strip() else []
    ranked = [(rank, kind) for kind in kinds if (rank := _rank(wanted, kind)) is not None]
    return [kind for _, kind in sorted(ranked, key=_rank_of)]


def _rank_of(pair: tuple[int, str]) -> int:
    return pair[0]


def _rank(wanted: str, kind: str) -> int | None:
    called, cls = shown_name(kind), Layer.kinds.get(kind)
    aliases, category = (cls.aliases, cls.category) if cls else ((), "Blocks")
    name = plain_name(called)
    initials = "".join(each for each in called if each.isupper() or each.isdigit()).lower()
    tests = (
        name == wanted,
        name.startswith(wanted),
        initials.startswith(wanted),
        wanted in name,
        any(plain_name(alias).startswith(wanted) for alias in aliases),
        plain_name(category).startswith(wanted),
        len(wanted) > 2 and wanted in plain_name(summary(kind)),
    )
    return tests.index(True) if True in tests else None
