"""Logs as text or JSON, and Sentry and OpenTelemetry where they are configured. Log lines carry the update's id."""

from __future__ import annotations

import copy
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS, LogData
from pythonjsonlogger.json import JsonFormatter

from bot.settings import Settings
from bot.telegram.redaction import RedactingFormatter, redact
from services.network.connections import Network

UPDATE: ContextVar[int | None] = ContextVar("update", default=None)
"""The id of the update that is being processed."""

_QUIET = ("aiogram.dispatcher", "alembic", "aiohttp.access", "aiosqlite", "taskiq", "nats", "redis")


class Tracing:
    """OpenTelemetry's tracer; None without tracing."""

    tracer: Any = None


def _note_update(record: logging.LogRecord) -> bool:
    record.update = UPDATE.get()
    return True


class _TextFormatter(RedactingFormatter):
    """Lines for people; one about an update ends with its id."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        number = getattr(record, "update", None)
        return line if number is None else f"{line} [update {number}]"


_JSON_FIELDS = ("time", "level", "logger", "message", "update", "error")


class JsonLogFormatter(JsonFormatter):
    """One JSON object a line: time, level, logger, message, and where there are: update, error."""

    def __init__(self) -> None:
        super().__init__(
            ("asctime", "levelname", "name", "message"),
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "error"},
            # An `extra` of a library must not replace one of the fields.
            reserved_attrs=[*RESERVED_ATTRS, "time", "level", "logger", "error"],
            json_ensure_ascii=False,
        )

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        try:
            record.msg = record.getMessage()
        except Exception:  # a call whose arguments do not fit its text
            record.msg = f"{record.msg} {record.args}"
        record.args = None
        return super().format(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def process_log_record(self, log_data: LogData) -> LogData:
        present = {name: log_data[name] for name in _JSON_FIELDS if log_data.get(name) is not None}
        return {name: redact(value) if isinstance(value, str) else value for name, value in present.items()}


def log_to_terminal(form: str = "text", level: int = logging.INFO) -> None:
    """Log to standard error as `text` or `json`, with the tokens of every logger hidden."""
    handler = logging.StreamHandler()
    handler.addFilter(_note_update)
    handler.setFormatter(
        JsonLogFormatter()
        if form == "json"
        else _TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in _QUIET:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it would report each long tick
    logging.getLogger("aiogram.event").setLevel(logging.CRITICAL)  # UpdateProcessor logs what fails


def start_observability(settings: Settings, **for_tests: Any) -> None:
    """Set up Sentry and OpenTelemetry where they are configured; neither is loaded otherwise."""
    if settings.sentry_dsn is not None:
        import sentry_sdk

        sentry_sdk.init(
            dsn=settings.sentry_dsn.get_secret_value(),
            environment=settings.environment,
            include_local_variables=False,  # they hold names and tokens
            max_breadcrumbs=20,
            before_send=lambda event, _hint: _without_tokens(event),
            before_breadcrumb=lambda crumb, _hint: _without_tokens(crumb),
            **_sentry_network(settings.network(), settings.sentry_dsn.get_secret_value()),
            **for_tests,
        )
    if settings.otel_exporter_otlp_endpoint is not None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        endpoint = f"{settings.otel_exporter_otlp_endpoint}/v1/traces"
        network = settings.network()
        certificates = None if network.certificates is None else str(network.certificates)
        session = _otlp_session(network, endpoint)
        exporter = OTLPSpanExporter(endpoint=endpoint, certificate_file=certificates, session=session)
        trace_with(BatchSpanProcessor(exporter))


def _proxy_url(network: Network, url: str) -> str:
    """The proxy for an address, for a library that connects by itself; empty: none, whatever the environment says."""
    proxy = network.proxy_for(url)
    return "" if proxy is None else proxy.url.replace("socks5://", "socks5h://", 1)  # the proxy resolves names


def _sentry_network(network: Network, dsn: str) -> dict[str, Any]:
    """Sentry's options about the network. Its library takes no user from an HTTP proxy's address."""
    proxy, url = network.proxy_for(dsn), _proxy_url(network, dsn)
    certificates = None if network.certificates is None else str(network.certificates)
    options: dict[str, Any] = {"http_proxy": url, "https_proxy": url, "ca_certs": certificates}
    if proxy is not None and proxy.authorization:
        options["proxy_headers"] = {"Proxy-Authorization": proxy.authorization}
    return options


def _otlp_session(network: Network, endpoint: str) -> Any:
    import requests

    session = requests.Session()
    session.trust_env = False
    proxy = _proxy_url(network, endpoint)
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    return session


def trace_with(processor: Any) -> None:
    """Trace updates from now on. OpenTelemetry reads its other OTEL_ variables itself."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: "want-to-group"}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(processor)
    Tracing.tracer = provider.get_tracer("want-to-group")


def _without_tokens(value: Any) -> Any:
    """The value, redacted at every depth."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _without_tokens(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_without_tokens(part) for part in value)
    return value
