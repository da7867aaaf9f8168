"""`lms search …`: the full-text index."""

import time

import click
from flask.cli import with_appcontext

from lms.core import clock
from lms.core.db import transaction
from lms.search import services


@click.group(name="search")
def search_group() -> None:
    """全文搜索：重建索引。"""


@search_group.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """清空全文搜索的索引并重新建立（升级后没有导入内容，或搜索结果不对时使用）；其他数据不变。"""
    began = time.perf_counter()
    with transaction():
        shelves = services.rebuild(at=clock.now())
    listed = "，".join(f"{heading} {number} 篇" for heading, number in shelves.items() if number)
    click.echo(f"索引已重建：{listed or '没有可供搜索的内容'}。用时 {time.perf_counter() - began:.1f} 秒。")
