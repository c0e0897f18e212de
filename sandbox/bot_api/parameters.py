"""Parameters and uploads of a Bot API call, in every encoding that Telegram accepts."""

from __future__ import annotations

from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from aiohttp.web import FileField

from sandbox.bot_api.request import Upload
from sandbox.errors import Refusal
from sandbox.state.model import Json

JSON = "application/json"


async def read_parameters(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """Parameters from the query string and the body (JSON, urlencoded or multipart), and the uploaded files.

    Raises a Refusal for a body that cannot be read or is too large.
    """
    args: Json = dict(request.query) if request.query_string else {}
    files: dict[str, Upload] = {}
    if not request.can_read_body:
        return args, files
    kind = request.content_type
    try:
        if kind == JSON:
            body = await request.read()
            parsed = orjson.loads(body) if body else {}
            if not isinstance(parsed, dict):
                raise Refusal(400, "Bad Request: can't parse JSON object")
            args.update(parsed)
        elif kind == "multipart/form-data":
            for name, value in (await request.post()).items():
                if isinstance(value, FileField):
                    files[name] = Upload(value.filename, value.file.read(), value.content_type or "")
                else:
                    args[name] = value.decode() if isinstance(value, bytes | bytearray) else value
        else:
            args.update(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large") from None
    except orjson.JSONDecodeError:
        raise Refusal(400, "Bad Request: can't parse JSON object") from None
    except UnicodeDecodeError:
        raise Refusal(400, "Bad Request: strings must be encoded in UTF-8") from None
    except ValueError:
        raise Refusal(400, "Bad Request: can't parse the request") from None
    return args, files
