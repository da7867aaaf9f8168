"""Writes docs/reference.md from the product itself: commands, settings, permissions, events, page parts, duties.

`python scripts/reference.py` writes the file; a test fails when the file no longer says what the product is.
"""

import dataclasses
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from lms.app import BUILT_IN
from lms.cli import build
from lms.core.events import Event
from lms.core.plugin import build_registry

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference.md"


def render() -> str:
    """Return the page."""
    parts = [
        "# Reference",
        "",
        "Written by `scripts/reference.py` from the product; do not edit by hand.",
        "",
        "## Commands",
        "",
        *commands(build(BUILT_IN), "lms"),
        "",
        "## Settings (environment)",
        "",
        *settings(),
        "",
        "## Permissions",
        "",
        "| permission | 用途 | roles |",
        "|---|---|---|",
        *permissions(),
        "",
        "## Events",
        "",
        *events(),
        "",
        "## Page slots and duties",
        "",
        *slots(),
    ]
    return "\n".join(parts) + "\n"


def commands(command: click.Command, path: str) -> Iterator[str]:
    """One line for every command that does something."""
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands(command.commands[name], f"{path} {name}")
        return
    first = (command.help or "").strip().split("\n")[0]
    options = " ".join(
        f"[{'/'.join(parameter.opts)}]" for parameter in command.params if isinstance(parameter, click.Option)
    )
    yield f"- `{path}` {options}: {first}".replace("  ", " ")


def settings() -> Iterator[str]:
    """Every environment variable that the product reads."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "lms").rglob("*.py")):
        for name in re.findall(r"\"((?:LMS|DATABASE|PORT)[A-Z_]*)\"", path.read_text("utf-8")):
            found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    for name in sorted(found):
        if name in {"PORT", "DATABASE_URL"} or name.startswith("LMS_"):
            yield f"- `{name}` ({', '.join(sorted(found[name]))})"


def permissions() -> Iterator[str]:
    """Every permission with its roles."""
    for permission in build_registry(BUILT_IN).permissions.values():
        yield f"| `{permission.name}` | {permission.title} | {', '.join(sorted(permission.roles))} |"


def events() -> Iterator[str]:
    """Every event with its fields."""
    for plugin in BUILT_IN:
        try:
            module = importlib.import_module(f"lms.{plugin.name}.events")
        except ModuleNotFoundError:
            continue
        for name, value in sorted(vars(module).items()):
            if isinstance(value, type) and issubclass(value, Event) and value is not Event:
                fields = ", ".join(field.name for field in dataclasses.fields(value))
                yield f"- `lms.{plugin.name}.events.{name}({fields})`: {(value.__doc__ or '').strip()}"


def slots() -> Iterator[str]:
    """Who fills which slot, and what is done periodically."""
    for plugin in BUILT_IN:
        for part in plugin.parts:
            yield f"- `{plugin.name}` fills the slot `{part.slot}`"
        for duty in plugin.periodic:
            yield f"- `{plugin.name}` has the duty `{duty.name}` every {duty.every}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if TARGET.read_text("utf-8") == render() else 1)
    TARGET.write_text(render(), "utf-8")
