"""How commands answer contract D."""

import json
import sys

import click

from lms.core.chain import Verdict


def answer_verdict(verdict: Verdict, *, as_json: bool) -> None:
    """Print the result of walking chains; leave with 1 when one is broken."""
    if as_json:
        click.echo(json.dumps(verdict.to_json(), ensure_ascii=False))
    elif verdict.fault is None:
        click.echo(f"完好：共核对 {verdict.checked} 条记录。")
    else:
        fault = verdict.fault
        click.echo(f"已损坏：{fault.stream} 第 {fault.sequence} 条，{fault.reason}。", err=True)
    sys.exit(0 if verdict.ok else 1)
