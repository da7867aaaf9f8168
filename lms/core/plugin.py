"""The plugin record, its loader, and the checks that keep the house in order.

A plugin is one frozen `Plugin` in `<package>/plugin.py`. Built-in plugins are named in `lms.app`; third parties publish
theirs under the entry-point group `lms.plugins`. A broken contract stops the start and names the culprit.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path

import click
from flask import Blueprint, Flask

from lms.core.events import Event, Listener

API_VERSION = 1
GROUP = "lms.plugins"
_NAME = re.compile(r"[a-z][a-z0-9_]{2,29}")


class PluginError(RuntimeError):
    """A plugin breaks the contract; the message names it and says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A right that a view can demand: `<plugin>.<what>`, its Chinese title, and the roles that have it."""

    name: str
    title: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """An entry of a frame's navigation.

    frame: `learner` (bottom bar) or `staff` (side bar). order: place in the bar, small first.
    """

    frame: str
    title: str
    endpoint: str
    permission: str
    icon: str
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a page that a higher plugin adds to a lower plugin's page.

    slot: name of the place, such as `home.learner` or `courses.lesson`. render: called with the slot's keyword
    arguments, returns safe HTML or "" for nothing.
    """

    slot: str
    render: Callable[..., str]
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """A duty that the server does every so often: called with the moment, in a transaction of its own making."""

    name: str
    every: timedelta
    run: Callable[[datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """The name-plate of a plugin: all that the host knows of it.

    requires: names of plugins below. blueprint: must bear the plugin's name. tables: every table's name starts with
    `<name>_`. migrations: folder of an Alembic branch (third parties). init_app: last word at start-up.
    """

    name: str
    title: str
    api_version: int = API_VERSION
    requires: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    blueprint: Blueprint | None = None
    nav: tuple[NavItem, ...] = ()
    parts: tuple[Part, ...] = ()
    cli: tuple[click.Command, ...] = ()
    listeners: tuple[tuple[type[Event], Listener], ...] = ()
    periodic: tuple[Periodic, ...] = ()
    migrations: Path | None = None
    init_app: Callable[[Flask], None] | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """The plugins of an application, in ladder order, and what they add up to."""

    plugins: tuple[Plugin, ...] = ()
    permissions: dict[str, Permission] = field(default_factory=dict)

    def permissions_of(self, roles: Iterable[str]) -> frozenset[str]:
        """Return the names of all permissions that any of the roles has."""
        held = frozenset(roles)
        return frozenset(name for name, permission in self.permissions.items() if permission.roles & held)

    def nav(self, frame: str) -> list[NavItem]:
        """Return a frame's navigation, in order."""
        return sorted((item for plugin in self.plugins for item in plugin.nav if item.frame == frame), key=_order)

    def parts(self, slot: str) -> list[Part]:
        """Return the parts of a slot, in order."""
        return sorted((part for plugin in self.plugins for part in plugin.parts if part.slot == slot), key=_order)

    def listeners(self) -> dict[type[Event], tuple[Listener, ...]]:
        """Return who listens to what, in ladder order."""
        table: dict[type[Event], tuple[Listener, ...]] = {}
        for plugin in self.plugins:
            for event, listener in plugin.listeners:
                table[event] = (*table.get(event, ()), listener)
        return table


def _order(item: NavItem | Part) -> int:
    return item.order


def load_entry_points() -> list[Plugin]:
    """Return the third-party plugins installed beside us, by name."""
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        plugin = entry.load()
        if not isinstance(plugin, Plugin):
            message = f"插件入口 {entry.name!r}（{entry.value}）不是 lms.core.plugin.Plugin 记录"
            raise PluginError(message)
        found.append(plugin)
    return found


def build_registry(plugins: Iterable[Plugin]) -> Registry:
    """Check every plugin against the contract and return the ladder; raise PluginError naming the first culprit."""
    ladder: list[Plugin] = []
    permissions: dict[str, Permission] = {}
    for plugin in plugins:
        _check(plugin, {below.name for below in ladder})
        ladder.append(plugin)
        permissions |= {permission.name: permission for permission in plugin.permissions}
    for plugin in ladder:
        for item in plugin.nav:
            if item.permission not in permissions:
                raise PluginError(f"插件 {plugin.name}：导航项“{item.title}”要求的权限 {item.permission} 无人声明")
            if item.frame not in ("learner", "staff"):
                raise PluginError(f"插件 {plugin.name}：导航项“{item.title}”的 frame 只能是 learner 或 staff")
    return Registry(tuple(ladder), permissions)


def _check(plugin: Plugin, below: set[str]) -> None:
    """Raise for the first fault of a record."""
    fault = next(_faults(plugin, below), None)
    if fault is not None:
        message = f"插件 {plugin.name!r}：{fault}"
        raise PluginError(message)


def _faults(plugin: Plugin, below: set[str]) -> Iterator[str]:
    if not _NAME.fullmatch(plugin.name):
        yield "名称只能用小写字母、数字和下划线，3—30 个字符，字母开头"
    if plugin.api_version != API_VERSION:
        yield f"按第 {plugin.api_version} 版接口编写，本系统提供第 {API_VERSION} 版"
    if plugin.name in below:
        yield "名称已被另一个插件使用"
    for name in plugin.requires:
        if name not in below:
            yield f"需要插件 {name}，但它不存在或排在后面"
    if plugin.blueprint is not None and plugin.blueprint.name != plugin.name:
        yield f"蓝图名必须与插件名相同，现为 {plugin.blueprint.name!r}"
    prefixed = [*(permission.name for permission in plugin.permissions), *(duty.name for duty in plugin.periodic)]
    for name in prefixed:
        if not name.startswith(f"{plugin.name}."):
            yield f"权限和定时任务 {name!r} 必须以 “{plugin.name}.” 开头"
    if plugin.migrations is not None and not plugin.migrations.is_dir():
        yield f"迁移目录不存在：{plugin.migrations}"
