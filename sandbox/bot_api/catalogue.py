"""Methods that are not simulated, from aiogram's method classes: required fields, types and example answers.

aiogram is imported on first use because the import takes seconds.
"""

from __future__ import annotations

import datetime
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Refusal, bad_request
from sandbox.state.model import Json

MAX_DEPTH = 6  # of nested objects in an example
LENIENT = (str, int, bool, float)  # types that are converted, not refused


class MethodSchema:
    """The parameters and the result type of a method."""

    def __init__(self, cls: Any) -> None:
        self.name: str = cls.__api_method__
        self.returning: Any = cls.__returning__
        self.required = [name for name, field in cls.model_fields.items() if field.is_required()]
        self._annotations = {name: field.annotation for name, field in cls.model_fields.items()}
        self._adapters: dict[str, TypeAdapter[Any] | None] = {}

    def check(self, call: ApiRequest) -> None:
        """Raise a Refusal for a missing required parameter or a value of the wrong type."""
        for name in self.required:
            if not call.given(name) and name not in call.files:
                raise bad_request(f"{name} is empty" if name == "chat_id" else f'parameter "{name}" is required')
        for name, value in call.args.items():
            adapter = self._adapter(name)
            if adapter is None or value in (None, ""):
                continue
            parsed = call.json(name)
            if parsed is None and isinstance(value, str):
                parsed = value
            try:
                adapter.validate_python(parsed)
            except ValidationError as error:
                detail = error.errors()[0]
                where = ".".join(str(part) for part in detail["loc"] if not str(part)[:1].isupper())
                raise bad_request(f"can't parse {name}: {where + ': ' if where else ''}{detail['msg']}") from None

    def _adapter(self, name: str) -> TypeAdapter[Any] | None:
        if name not in self._adapters:
            annotation = self._annotations.get(name)
            plain = annotation is None or all(one in LENIENT or _opaque(one) for one in _choices(annotation))
            self._adapters[name] = None if plain else TypeAdapter(annotation)
        return self._adapters[name]


def _choices(annotation: Any) -> list[Any]:
    """The member types of a union without None."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _choices(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [inner for one in typing.get_args(annotation) if one is not type(None) for inner in _choices(one)]
    return [annotation]


def _opaque(annotation: Any) -> bool:
    """Whether a type of aiogram has no JSON form, such as defaults and files."""
    return getattr(annotation, "__name__", "") in ("Default", "InputFile", "datetime", "timedelta")


@functools.cache
def method_schemas() -> dict[str, MethodSchema]:
    """All methods of the Bot API by their name in lower case."""
    import aiogram.methods

    found = {}
    for name in aiogram.methods.__all__:
        cls = getattr(aiogram.methods, name)
        if isinstance(getattr(cls, "__api_method__", None), str):
            found[cls.__api_method__.lower()] = MethodSchema(cls)
    return found


def example_object(type_name: str, *, every: bool = False) -> Json:
    """An example of a Bot API type: its required fields, or with `every` all boolean fields as true."""
    import aiogram.types

    cls = getattr(aiogram.types, type_name)
    if every:
        return {name: True for name, field in cls.model_fields.items() if bool in _choices(field.annotation)}
    return typing.cast(Json, _value(cls, 0))


def _value(annotation: Any, depth: int) -> Any:
    """The smallest valid value of a type."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _value(typing.get_args(annotation)[0], depth)
    if origin in (typing.Union, types.UnionType):
        return _value(typing.get_args(annotation)[0], depth)
    if origin is Literal:
        literal = typing.get_args(annotation)[0]
        return getattr(literal, "value", literal)
    if origin in (list, typing.List):  # noqa: UP006
        return []
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _object(annotation, depth)
    simple: dict[Any, Callable[[], Any]] = {
        bool: lambda: True,
        int: lambda: 1,
        float: lambda: 0.0,
        str: lambda: "sandbox",
        datetime.datetime: lambda: int(datetime.datetime.now(datetime.UTC).timestamp()),
    }
    return simple.get(annotation, lambda: None)()


def _object(cls: type[BaseModel], depth: int) -> Json:
    if depth > MAX_DEPTH:
        return {}
    example: Json = {}
    for name, field in cls.model_fields.items():
        alias = field.alias or name
        if field.is_required() or typing.get_origin(field.annotation) is Literal:
            example[alias] = _value(field.annotation, depth + 1)
    return example


def answer(call: ApiRequest) -> Any:
    """Validate a call and answer it with an example of its result type. Raises a Refusal."""
    schema = method_schemas().get(call.method.lower())
    if schema is None:
        raise Refusal(404, "Not Found: method not found")
    schema.check(call)
    chat = call.writable() if "chat_id" in schema.required else None
    result = _value(schema.returning, 0)
    if isinstance(result, dict) and chat is not None and "chat" in result:
        from sandbox.bot_api.objects import chat_json

        result["chat"] = chat_json(call.world, chat)
        result["date"] = int(call.world.clock.unix())
        result["from"] = call.bot.as_user()
    return result
