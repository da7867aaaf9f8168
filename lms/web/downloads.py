"""Answers that a browser keeps as a file."""

from urllib.parse import quote

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attach(response: Response, name: str, *, plain: str) -> Response:
    """Have an answer kept as a file under a Chinese name; `plain` is the ASCII one for browsers that read no other.

    A header holds Latin-1 only: the Chinese name goes percent-encoded into `filename*` (RFC 6266).
    """
    names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    return response


def workbook(content: bytes, name: str, *, plain: str) -> Response:
    """Return an Excel file under a Chinese name, as `attach` has it."""
    return attach(Response(content, mimetype=XLSX), name, plain=plain)
