"""Settings: one declaration from which forms, files, checks and tests derive.

A :class:`Spec` is a frozen pydantic model whose fields are declared with
:func:`setting`. A :class:`Family` is a Spec that comes in kinds (``Adam`` is a
kind of ``Optimizer``), written in files as ``{"type": "Adam", ...}``, or as the
bare name where the kind has no settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.fields import FieldInfo

from engine.errors import SettingError

PathKind = Literal["", "file", "folder"]


def setting(
    default: Any,
    *,
    label: str,
    help: str,
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    advanced: bool = False,
    hidden: bool = False,
    path: PathKind = "",
    column: str = "",
    empty: str = "none",
) -> Any:
    """Declare one setting of a Spec.

    Args:
        default: the value a new object starts with.
        label: its name in the inspector.
        help: one sentence that says what it does.
        unit: what the number counts or measures ("neurons", "pixels").
        ge, gt, le, lt: the range, both for validation and for the inspector.
        advanced: shown only when the user asks for all settings.
        path: for text that is a path, whether it is that of a file or a folder.
        column: for text that names a column of the data (or several of them), what it
            means where none is named ("none", "automatic").
        empty: for a number that may be left out, what it means then.
    """
    return Field(
        default,
        title=label,
        description=help,
        ge=ge,
        gt=gt,
        le=le,
        lt=lt,
        json_schema_extra={
            "unit": unit,
            "advanced": advanced,
            "hidden": hidden,
            "path": path,
            "column": column,
            "empty": empty,
        },
    )


@dataclass(frozen=True)
class Setting:
    """One declared setting, as a form needs it."""

    name: str
    annotation: Any
    default: Any
    label: str
    help: str
    unit: str
    advanced: bool
    ge: float | None
    gt: float | None
    le: float | None
    lt: float | None
    path: PathKind = ""
    hidden: bool = False
    column: str = ""
    empty: str = "none"

    @classmethod
    def of(cls, name: str, field: FieldInfo) -> Setting:
        bounds: dict[str, float | None] = dict.fromkeys(("ge", "gt", "le", "lt"))
        for constraint in field.metadata:
            for bound in bounds:
                if hasattr(constraint, bound):
                    bounds[bound] = getattr(constraint, bound)
        extra = field.json_schema_extra
        extra = extra if isinstance(extra, dict) else {}
        return cls(
            name=name,
            annotation=field.annotation,
            default=field.default,
            label=field.title or name,
            help=field.description or "",
            unit=str(extra.get("unit", "")),
            advanced=bool(extra.get("advanced", False)),
            ge=bounds["ge"],
            gt=bounds["gt"],
            le=bounds["le"],
            lt=bounds["lt"],
            path=extra.get("path", ""),  # type: ignore[arg-type]
            hidden=bool(extra.get("hidden", False)),
            column=str(extra.get("column", "")),
            empty=str(extra.get("empty", "none")),
        )


@cache
def _settings_of(kind: type[Spec]) -> Mapping[str, Setting]:
    fields = kind.model_fields.items()
    return MappingProxyType({name: Setting.of(name, field) for name, field in fields})


class Spec(BaseModel):
    """The frozen base of everything that has settings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def settings(cls) -> Mapping[str, Setting]:
        """The declared settings by name, in order of declaration."""
        return _settings_of(cls)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Validate plain data (from a file or a form) into this Spec.

        Raises:
            SettingError: says which setting has which bad value, and the range.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise in_words(cls, error) from error

    def changed(self, **settings: Any) -> Self:
        """A copy with some settings replaced, validated as a whole.

        Raises:
            SettingError: as :meth:`parse`.
        """
        current = {name: getattr(self, name) for name in type(self).model_fields}
        return self.parse({**current, **settings})

    def to_json(self) -> Any:
        """Plain data that :meth:`parse` reads back to an equal Spec."""
        return self.model_dump(mode="json")


class Family(Spec):
    """A Spec that comes in kinds.

    Declare the family with ``class Optimizer(Family, root=True)`` and each kind
    by subclassing it. ``kind=`` overrides the name used in files, ``aliases=``
    adds other accepted spellings (Keras' short names, names of old versions),
    ``abstract=True`` marks a shared base that is no kind itself.

    Attributes:
        label: what people call the kind, where that is not its name in files.
        spellings: other accepted names of its settings, such as Keras', with our own.
    """

    kinds: ClassVar[dict[str, type[Any]]] = {}
    kind: ClassVar[str] = ""
    label: ClassVar[str] = ""
    family: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    spellings: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # pydantic hands the keywords on to __pydantic_init_subclass__ below.
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        root: bool = False,
        abstract: bool = False,
        kind: str | None = None,
        aliases: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if root:
            cls.kinds = {}
            cls.family = cls.__name__
            cls.kind = ""
            return
        cls.kind = "" if abstract else kind or cls.__name__
        cls.aliases = aliases
        if not abstract:
            cls.kinds[cls.kind] = cls

    @classmethod
    def kind_named(cls, name: str) -> type[Self]:
        """The kind with this name, in Keras' spelling or ours.

        Raises:
            SettingError: no such kind; names those that exist.
        """
        if name in cls.kinds:
            return cls.kinds[name]
        plain = plain_name(name)
        for kind in cls.kinds.values():
            if plain in {plain_name(kind.kind), *(plain_name(alias) for alias in kind.aliases)}:
                return kind
        raise SettingError(
            f"There is no {cls.family.lower()} called {short_text(name)}.",
            f"Choose one of {', '.join(cls.kinds)}.",
        )

    @model_validator(mode="wrap")
    @classmethod
    def _choose_kind(cls, value: Any, handler: Any) -> Any:
        if isinstance(value, str):
            value = {"type": value}
        if isinstance(value, dict) and "type" in value:
            # pydantic lets a SettingError through, so it keeps the words of the kind it is about.
            kind = cls.kind_named(str(value["type"]))
            known = kind.spellings
            settings = {known.get(name, name): it for name, it in value.items() if name != "type"}
            return handler(settings) if kind is cls else kind.parse(settings)
        if isinstance(value, dict) and not cls.kind:
            raise SettingError(
                f"{short_text(value)} does not say which {cls.family.lower()} it is.",
                f'Add a "type": one of {", ".join(cls.kinds)}.',
            )
        if not isinstance(value, dict | cls):
            # Not a SettingError: None must stay possible where the family is optional.
            raise ValueError(f"Choose one of {', '.join(cls.kinds)}.")
        return handler(value)

    # Plain rather than wrapped, so that a field declared as the family writes
    # the settings of the kind that it holds.
    @model_serializer(mode="plain")
    def _with_kind(self) -> Any:
        settings = {name: getattr(self, name) for name in type(self).model_fields}
        return {"type": self.kind, **settings} if settings else self.kind


def plain_name(name: str) -> str:
    """A name without case and punctuation, for comparing spellings."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_ADVICE = {
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "Choose a whole number."),
    **dict.fromkeys(("float_parsing", "float_type", "finite_number"), "Choose a number."),
    **dict.fromkeys(("bool_parsing", "bool_type"), "Choose true or false."),
    **dict.fromkeys(("tuple_type", "list_type"), "Give a list."),
    **dict.fromkeys(("model_type", "dict_type"), "Give its settings by name."),
    "string_type": "Give a text.",
    "too_long": "Give fewer values.",
    "too_short": "Give more values.",
}


def in_words(cls: type[Spec], error: ValidationError) -> SettingError:
    """The first complaint of a validation as two sentences."""
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    _, label = _setting_at(cls, place)
    value, limits = first.get("input"), first.get("ctx", {})
    bound = next(iter(limits.values()), None)
    match first["type"]:
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than" as kind:
            words = {
                "greater_than_equal": "at least",
                "greater_than": "more than",
                "less_than_equal": "at most",
                "less_than": "less than",
            }[kind]
            what = f"{label} is {short_text(value)}."
            fix = f"Choose a number that is {words} {bound:g}."
        case "literal_error" | "enum":
            what = f"{label} is {short_text(value)}."
            fix = f"Choose one of {limits.get('expected')}."
        case "extra_forbidden":
            owner, _ = _setting_at(cls, place[:-1])
            what = f"{owner.__name__} has no setting called {short_text(place[-1])}."
            fix = f"Its settings are {', '.join(owner.model_fields) or 'none'}."
        case "missing":
            what = f"{label} is missing."
            fix = "Give it a value."
        case _:
            message = _ADVICE.get(first["type"], first["msg"]).removeprefix("Value error, ")
            what = f"{label} cannot be {short_text(value)}."
            if not place and isinstance(value, dict):
                # A whole whose parts do not fit: the message says which and why.
                what, message = message, "Change one of these settings."
            fix = message if message.endswith(".") else f"{message}."
    return SettingError(what, fix)


def _setting_at(cls: type[Spec], place: list[str]) -> tuple[type[Spec], str]:
    """The Spec that a complaint is about, and the label of the setting in it."""
    label, holder = cls.__name__, None
    for part in place:
        field = cls.model_fields.get(part)
        if field is None:
            # A number is a place in a list; anything else names a member of a union.
            if part.isdecimal():
                label = _entry_label(label, holder, int(part))
            continue
        label, holder = field.title or part, field
        if isinstance(field.annotation, type) and issubclass(field.annotation, Spec):
            cls = field.annotation
    return cls, label


def _entry_label(label: str, field: FieldInfo | None, place: int) -> str:
    """What people call one of several values: "Window's height", "Value 2 of Weights"."""
    extra = field.json_schema_extra if field is not None else None
    unit = extra.get("unit") if isinstance(extra, dict) else ""
    if field is not None and unit == "pixels" and _is_pair(field.annotation):
        return f"{label}'s {('height', 'width')[place]}"
    return f"Value {place + 1} of {label}"


def _is_pair(annotation: Any) -> bool:
    """Whether this is a tuple of two, perhaps with None beside it."""
    if get_origin(annotation) is tuple:
        parts = get_args(annotation)
        return len(parts) == 2 and parts[1] is not Ellipsis
    return any(_is_pair(part) for part in get_args(annotation))


def capitalized(text: str) -> str:
    """With a large first letter, the others as they are: ``ROC AUC`` stays."""
    return text[:1].upper() + text[1:]


def short_text(value: object) -> str:
    """A value as text for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
