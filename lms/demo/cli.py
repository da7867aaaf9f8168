"""`lms demo`."""

import click


@click.group()
def demo() -> None:
    """演示数据。"""
