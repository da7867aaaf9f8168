"""Typesets records as PDF/A with typst, in a process of its own.

typst keeps its caches for the life of a process (about 55 KB a document) and holds the fonts in memory, so a batch
is set by a child that ends with it: `python -m lms.completion.typesetter` reads one JSON record a line and writes each
PDF with its length before it. A hundred records take about a second. Nothing of typst is loaded here.
"""

import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import structlog

from lms.core.errors import Invalid, LmsError

log = structlog.get_logger()

NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
SECONDS_PER_RECORD = 2
START_SECONDS = 30
UNSETTABLE = 3


class TypesettingFailed(LmsError):
    """The child process gave no answer."""

    status = 500
    title = "PDF 没有做成"


def typeset(payloads: Sequence[dict[str, Any]], *, font_path: str = "") -> list[bytes]:
    """Return the PDF of each payload; a character that no font has stops the batch and names the holder."""
    if not payloads:
        return []
    lines = "".join(json.dumps(payload, ensure_ascii=False) + "\n" for payload in payloads)
    environment = {**os.environ, "LMS_FONT_PATH": font_path, "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lms.completion.typesetter"],
            input=lines.encode(),
            capture_output=True,
            check=False,
            env=environment,
            timeout=START_SECONDS + SECONDS_PER_RECORD * len(payloads),
        )
    except subprocess.TimeoutExpired as error:
        raise TypesettingFailed("生成 PDF 超时，记录没有签发。请稍后再试。") from error
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode == UNSETTABLE:
        raise _refusal(payloads, said)
    pdfs = list(_split(done.stdout)) if done.returncode == 0 else []
    if len(pdfs) != len(payloads):
        log.error("typesetting failed", code=done.returncode, detail=said[-2000:])
        raise TypesettingFailed("生成 PDF 失败，记录没有签发。请把现在的时间告诉管理员，查看服务器日志。")
    return pdfs


def _refusal(payloads: Sequence[dict[str, Any]], said: str) -> LmsError:
    """Return what to tell the clerk when one record cannot be set."""
    number, _, detail = said.strip().partition("\n")
    name = next((payload["holder"]["name"] for payload in payloads if payload["number"] == number), number)
    glyph = NO_GLYPH.search(detail)
    if glyph is None:
        log.error("typesetting refused", detail=detail[:2000])
        return TypesettingFailed(f"“{name}”的记录无法生成 PDF，没有签发任何记录。请告诉管理员，查看服务器日志。")
    return Invalid(
        f"“{name}”的记录里有字库没有的字“{glyph[1]}”，没有签发任何记录。"
        "请管理员装上含这个字的字体（设置 LMS_FONT_PATH）后再签发；或先退回这位学员，签发其他人。"
    )


def _split(stream: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(stream):
        (length,) = struct.unpack_from(">I", stream, place)
        yield stream[place + 4 : place + 4 + length]
        place += 4 + length
