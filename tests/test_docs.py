"""Undocumented means red."""

import importlib.util
import re
from pathlib import Path

from lms.app import BUILT_IN
from lms.core.plugin import Plugin

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def load_script(name: str) -> object:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_says_what_the_product_is() -> None:
    module = load_script("reference")
    assert (DOCS / "reference.md").read_text("utf-8") == module.render()  # type: ignore[attr-defined]


def test_the_guide_names_every_field_of_the_plugin_record() -> None:
    guide = (DOCS / "plugin-guide.md").read_text("utf-8")
    assert [name for name in Plugin.__dataclass_fields__ if f"`{name}`" not in guide] == []


def test_every_slot_that_is_filled_is_documented() -> None:
    doors = (DOCS / "doors.md").read_text("utf-8")
    used = {part.slot for plugin in BUILT_IN for part in plugin.parts}
    assert {slot for slot in used if f"`{slot}" not in doors} == set()


def test_the_guide_builds_the_sample_plugin() -> None:
    guide = (DOCS / "plugin-guide.md").read_text("utf-8")
    sample = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests" / "sample_plugin").rglob("*.py"))
    names = re.findall(r"^ {4}(\w+)=", guide, re.MULTILINE)
    assert names
    assert [name for name in names if f"{name}=" not in sample] == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "README.zh-CN.md"]:
        targets = re.findall(r"\]\((?!https?:|law:|diagram:|form:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
        broken += [f"{page.name}: {target}" for target in targets if not (page.parent / target).exists()]
    assert broken == []
