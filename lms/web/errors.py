"""One table turns every error into a page (or JSON for a script), in Chinese, saying what to do next."""

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from flask_wtf.csrf import CSRFError
from lms.core.db import db
from lms.core.errors import LmsError

log = structlog.get_logger()

# status → heading, what to do next
PAGES: dict[int, tuple[str, str]] = {
    400: ("请求不完整", "请返回上一页重试；如果是扫码进来的，请重新扫码。"),
    401: ("请先登录", "登录后会回到刚才的页面。"),
    403: ("没有权限", "您的账号没有这项权限。如需使用，请联系本机构管理员。"),
    404: ("没有找到", "地址可能已变化，或内容不属于您所在的机构。请从菜单重新进入。"),
    405: ("不能这样打开", "请返回上一页，用页面上的按钮操作。"),
    409: ("状态已变化", "有人刚刚改过这项内容，请刷新后再试。"),
    413: ("文件太大", "请压缩或拆分后再上传。"),
    429: ("操作太频繁", "请稍等片刻再试。"),
    500: ("系统出错了", "您的操作没有保存。请稍后再试；多次出现请把页面上的编号告诉管理员。"),
    503: ("系统正忙", "数据库暂时无法连接，请一分钟后再试。"),
}


def wants_json() -> bool:
    """Whether the caller is a script of ours or an outside program."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(("text/html", "application/json"), default="text/html")
    return best == "application/json"


def _answer(status: int, title: str, message: str, *, field: str | None = None, reference: str = "") -> Response:
    if wants_json():
        body = {"error": title, "message": message, "field": field, "reference": reference or None}
        response = jsonify({key: value for key, value in body.items() if value is not None})
    else:
        page = render_template("web/error.html", status=status, title=title, message=message, reference=reference)
        response = make_response(page)
    response.status_code = status
    return response


def _lms_error(error: LmsError) -> Response:
    db.session.rollback()
    return _answer(error.status, error.title, error.message, field=error.field)


def _csrf_error(_error: CSRFError) -> Response:
    return _answer(400, "页面已过期", "请刷新页面后再提交一次；已填写的内容可先复制保存。")


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    title, message = PAGES.get(status, PAGES[500 if status >= 500 else 400])
    response = _answer(status, title, message)
    if status == 405 and (allowed := error.get_headers()):
        response.headers.extend([(name, value) for name, value in allowed if name == "Allow"])
    return response


def _database_down(error: OperationalError) -> Response:
    log.error("database error", kind=type(error.orig).__name__)
    db.session.rollback()
    return _plain(503)


def _unsavable(error: DataError) -> Response:
    """PostgreSQL takes no NUL in a text and no text that is too long for its column; SQLite takes both."""
    log.error("data refused by the database", kind=type(error.orig).__name__, endpoint=request.endpoint)
    db.session.rollback()
    return _answer(400, "内容不能保存", "填写的内容太长，或含有不能识别的字符。没有保存，请修改后再提交。")


def _unexpected(error: Exception) -> Response:
    reference = request.environ.get("lms.request_id", "")
    log.error("unexpected error", exc_info=error, endpoint=request.endpoint)
    db.session.rollback()
    return _plain(500, reference)


def _plain(status: int, reference: str = "") -> Response:
    """Answer without the layout: the layout itself may need what is broken."""
    title, message = PAGES[status]
    if wants_json():
        response = jsonify(error=title, message=message, reference=reference)
    else:
        response = make_response(
            render_template("web/plain_error.html", status=status, title=title, message=message, reference=reference)
        )
    response.status_code = status
    return response


def init_app(app: Flask) -> None:
    """Register the table."""
    app.register_error_handler(LmsError, _lms_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(DataError, _unsavable)
    app.register_error_handler(Exception, _unexpected)
