"""The host refuses a broken plugin and names it."""

from pathlib import Path

import pytest
from flask import Blueprint

from lms.core.events import Event
from lms.core.plugin import NavItem, Part, Permission, Plugin, PluginError, build_registry

FOREIGN = Permission(name="x.read", title="看", roles=frozenset())
READ = Permission(name="notes.read", title="看", roles=frozenset({"learner"}))


def test_a_sound_ladder_adds_up() -> None:
    registry = build_registry((Plugin(name="base", title="底"), Plugin(name="notes", title="注", permissions=(READ,))))
    assert registry.permissions_of(["learner"]) == {"notes.read"}
    assert registry.permissions_of(["registrar"]) == frozenset()


@pytest.mark.parametrize(
    "plugin,reason",
    [
        (Plugin(name="Notes", title="注"), "名称只能"),
        (Plugin(name="base", title="注"), "已被另一个插件使用"),
        (Plugin(name="notes", title="注", api_version=2), "第 2 版接口"),
        (Plugin(name="notes", title="注", requires=("missing",)), "需要插件 missing"),
        (Plugin(name="notes", title="注", blueprint=Blueprint("other", __name__)), "蓝图名"),
        (Plugin(name="notes", title="注", permissions=(FOREIGN,)), "x.read"),
        (Plugin(name="notes", title="注", migrations=Path("/nowhere/at/all")), "迁移目录不存在"),
        (
            Plugin(
                name="notes",
                title="注",
                nav=(NavItem(frame="learner", title="注", endpoint="n", permission="notes.none", icon="x"),),
            ),
            "无人声明",
        ),
    ],
)
def test_a_broken_plugin_is_named_with_the_reason(plugin: Plugin, reason: str) -> None:
    with pytest.raises(PluginError) as caught:
        build_registry((Plugin(name="base", title="底"), plugin))
    assert plugin.name in str(caught.value)
    assert reason in str(caught.value)


def test_listeners_and_parts_come_in_ladder_order() -> None:
    class Happened(Event):
        pass

    calls: list[str] = []
    registry = build_registry(
        (
            Plugin(name="low", title="低", listeners=((Happened, lambda _: calls.append("low")),)),
            Plugin(
                name="high",
                title="高",
                listeners=((Happened, lambda _: calls.append("high")),),
                parts=(Part(slot="s", render=str, order=1),),
            ),
        )
    )
    for listener in registry.listeners()[Happened]:
        listener(Happened())
    assert calls == ["low", "high"]
    assert [part.order for part in registry.parts("s")] == [1]
