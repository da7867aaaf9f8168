"""Typesets records as PDF/A with typst, in a process of its own.

typst keeps its caches for the life of a process (about 55 KB a document) and holds the fonts in memory, so a batch
is set by a child that ends with it: `python -m lms.completion.typesetting` reads one JSON record a line and writes
each PDF with its length before it. A hundred records take about a second.
"""

import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import segno
import structlog
import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

from lms.core.errors import Invalid, LmsError

log = structlog.get_logger()

TEMPLATE = Path(__file__).with_name("record.typ")
STANDARD: Final = "a-2a"
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
            [sys.executable, "-m", "lms.completion.typesetting"],
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


def set_one(payload: dict[str, Any], *, fonts: typst.Fonts) -> bytes:
    """Return one PDF; the same payload gives the same bytes."""
    verify_url = str(payload["verify_url"])
    svg = segno.make(verify_url, error="m").svg_inline(scale=4, border=1, dark="#1b2733")
    # with its own namespace: typst reads a file, not a piece of a page
    qr = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns" not in svg else svg
    record = json.dumps({**payload, "qr": qr}, ensure_ascii=False)
    compiler = typst.Compiler(TEMPLATE.read_bytes(), font_paths=fonts)
    pdf = compiler.compile(
        format="pdf",
        pdf_standards=STANDARD,
        sys_inputs={"record": record},
        timestamp=int(datetime.fromisoformat(payload["issued_at"]).timestamp()),
    )
    return bytes(pdf)  # type: ignore[arg-type]


def load_fonts(font_path: str = "") -> typst.Fonts:
    """Return the fonts: the operator's folder first, then the two that come as a package."""
    folders = [font_path] if font_path else []
    folders += [str(Path(sans_path()).parent), str(Path(serif_path()).parent)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def main(source: BinaryIO, target: BinaryIO) -> int:
    """Set every record of the source; when one cannot be set, exit UNSETTABLE with its number on standard error."""
    fonts = load_fonts(os.environ.get("LMS_FONT_PATH", ""))
    for line in source:
        payload = json.loads(line)
        try:
            pdf = set_one(payload, fonts=fonts)
        except typst.TypstError as error:
            sys.stderr.write(f"{payload['number']}\n{error}\n")
            return UNSETTABLE
        target.write(struct.pack(">I", len(pdf)) + pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
