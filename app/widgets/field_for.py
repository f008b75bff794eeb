"""Which field edits which type of setting."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from PySide6.QtWidgets import QWidget

from app.widgets.column_fields import ColumnField, ColumnsField
from app.widgets.family_field import FamilyField, NestedField
from app.widgets.fields import BoolField, ChoiceField, Field
from app.widgets.list_field import ListField
from app.widgets.numbers import NumberField
from app.widgets.texts import (
    NumbersField,
    OptionalField,
    PathField,
    SizesField,
    TextField,
    WordsField,
)
from engine.spec import Family, Setting, Spec


def field_for(setting: Setting, parent: QWidget) -> Field:
    """A field for a setting, chosen by its annotation.

    Raises:
        TypeError: no field knows the annotation; a new kind of setting needs one here.
    """
    if setting.column:
        several = tuple_entry(setting.annotation)[0] is str
        return (ColumnsField if several else ColumnField)(setting.label, setting.column, parent)
    options = alternatives(setting.annotation)
    optional = NoneType in options
    options = [option for option in options if option is not NoneType]
    if all(get_origin(option) is Literal for option in options):
        choices = [choice for option in options for choice in get_args(option)]
        return ChoiceField(([None] if optional else []) + choices, parent)
    if len(options) == 2 and get_origin(options[0]) is Literal:
        (auto,), entry = get_args(options[0]), tuple_entry(options[1])[0]
        if is_spec(entry, Family):
            return ListField(entry, name=setting.label, auto=auto, parent=parent)
    if len(options) == 1:
        return _field_for_one(options[0], optional, setting, parent)
    raise TypeError(f"no field for setting {setting.name!r}: {setting.annotation!r}")


def _field_for_one(kind: Any, optional: bool, setting: Setting, parent: QWidget) -> Field:
    label = setting.label
    if is_spec(kind, Family):
        return FamilyField(kind, optional=optional, name=label, parent=parent)
    if is_spec(kind, Spec):
        return NestedField(name=label, parent=parent)
    if kind is bool:
        return BoolField(parent)
    if kind in (int, float):
        return NumberField(setting, whole=kind is int, optional=optional, parent=parent)
    if kind is str and optional:
        return OptionalField(label, parent)
    if kind is str:
        path = setting.path
        return PathField(label, path, parent) if path else TextField(label, parent)
    entry, count = tuple_entry(kind)
    if is_spec(entry, Family):
        return ListField(entry, name=label, parent=parent)
    if entry is int:
        return SizesField(label, count, parent, optional=optional)
    if entry is float:
        return NumbersField(label, parent)
    if entry is str:
        return WordsField(label, parent)
    raise TypeError(f"no field for setting {setting.name!r}: {setting.annotation!r}")


def alternatives(annotation: Any) -> list[Any]:
    """The members of a union, or the one type, without ``Annotated``."""
    if get_origin(annotation) is Annotated:
        return alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [each for part in get_args(annotation) for each in alternatives(part)]
    return [annotation]


def tuple_entry(annotation: Any) -> tuple[Any, int | None]:
    """The type of a tuple's entries and how many there are; None for any number."""
    if get_origin(annotation) is not tuple:
        return None, None
    parts = get_args(annotation)
    (entry, *_) = alternatives(parts[0])
    return entry, None if parts[-1] is Ellipsis else len(parts)


def is_spec(kind: Any, base: type[Spec]) -> bool:
    """Whether this is a class derived from ``base``."""
    return isinstance(kind, type) and issubclass(kind, base)
