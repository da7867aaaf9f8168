"""The child that sets records as PDF with typst; started by `lms.completion.typesetting`, gone after its batch."""

import json
import os
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import segno
import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

from lms.completion.typesetting import UNSETTABLE

TEMPLATE = Path(__file__).with_name("record.typ")
STANDARD: Final = "a-2a"


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
