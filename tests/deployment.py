"""Reads deploy/compose.yaml as Compose does, strictly: what is not known here is an error, not ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy"

KNOWN = {
    *("build", "command", "depends_on", "deploy", "env_file", "environment", "healthcheck", "image", "ports"),
    *("read_only", "restart", "stop_grace_period", "tmpfs", "volumes"),
}
"""The keys of a service (Compose specification, "services") that are used, each with a meaning that a test looks at."""
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
_VARIABLE = re.compile(r"\$\{([A-Z_]+):\?\}")


class Wrong(Exception):
    """What Compose would refuse, or would take for something else than was meant."""


@dataclass(frozen=True)
class Service:
    """One service, with everything filled in."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    replicas: int
    needs: frozenset[str]
    raw: Mapping[str, Any]


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, which YAML's reader would let pass."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        if len(keys) != len(set(keys)):
            raise Wrong(f"a key stands twice: {keys}")
        return super().construct_mapping(node, deep)


def variables(text: str) -> set[str]:
    """What a compose file wants from `.env`. Raises Wrong for a variable that may be missing without a word."""
    bare = re.findall(r"\$\{?[A-Za-z_]\w*\}?(?!:)", _VARIABLE.sub("", text))
    if bare:
        raise Wrong(f"{bare} would be empty where nobody set them: write ${{NAME:?}}")
    return set(_VARIABLE.findall(text))


def read(text: str, env: Mapping[str, str]) -> dict[str, Service]:
    """The services by name, with the values of `.env` in place. Raises Wrong."""
    missing = variables(text) - set(env)
    if missing:
        raise Wrong(f"{missing} are missing in .env")
    filled = yaml.load(_VARIABLE.sub(lambda found: env[found[1]], text), _Strict)
    if unknown := {key for key in filled if not key.startswith("x-")} - {"name", "services", "volumes"}:
        raise Wrong(f"unknown at the top: {unknown}")
    services = {name: _service(name, raw, env) for name, raw in filled["services"].items()}
    for service in services.values():
        if lost := service.needs - set(services):
            raise Wrong(f"{service.name} needs {lost}, which is not there")
        for mount in service.raw.get("volumes", []):
            source = mount.split(":")[0]
            if not source.startswith("./") and source not in filled["volumes"]:
                raise Wrong(f"{service.name} mounts {source}, which is declared nowhere")
            if source.startswith("./") and not (FOLDER / source).is_file():
                raise Wrong(f"{service.name} mounts {source}, which is no file")
    return services


def _service(name: str, raw: Mapping[str, Any], env: Mapping[str, str]) -> Service:
    if unknown := set(raw) - KNOWN:
        raise Wrong(f"{name}: {unknown} are not known here")
    if not isinstance(raw.get("image"), str):
        raise Wrong(f"{name} has no image")
    given = raw.get("environment", {})
    if not all(isinstance(value, str) for value in given.values()):
        raise Wrong(f"{name}: a value in the environment is no text: put it in quotes")
    needs = raw.get("depends_on", {})
    if isinstance(needs, Mapping) and {one["condition"] for one in needs.values()} - CONDITIONS:
        raise Wrong(f"{name} waits for a condition that there is not")
    file = env if "env_file" in raw else {}
    command = raw.get("command", [])
    if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        raise Wrong(f"{name}: its command is no list of words")
    return Service(
        name,
        raw["image"],
        tuple(command),
        {**file, **given},
        raw.get("deploy", {}).get("replicas", 1),
        frozenset(needs),
        raw,
    )
