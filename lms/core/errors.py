"""The small family of errors that services raise; `lms.web.errors` turns each into a page."""


class LmsError(Exception):
    """A refusal that a person can read: the message is Chinese and says what to do next."""

    status = 422
    title = "请检查后再试"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(LmsError):
    """What was entered cannot be accepted."""


class NotFound(LmsError):
    """The thing does not exist for this reader; another tenant's thing does not exist either."""

    status = 404
    title = "没有找到"

    def __init__(self, message: str = "没有找到您要的内容。请返回上一页，或从菜单重新进入。") -> None:
        super().__init__(message)


class Forbidden(LmsError):
    """The reader is known but may not do this."""

    status = 403
    title = "没有权限"

    def __init__(self, message: str = "您的账号没有这项权限。如需使用，请联系本机构管理员。") -> None:
        super().__init__(message)


class Conflict(LmsError):
    """The thing changed meanwhile, or the step was already taken."""

    status = 409
    title = "状态已变化"


class TooMany(LmsError):
    """Too many tries; wait."""

    status = 429
    title = "操作太频繁"
