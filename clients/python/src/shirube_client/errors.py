"""What can go wrong with a call."""

from .model import Problem


class ShirubeError(Exception):
    """Any reason for which a call came to nothing."""


class Refused(ShirubeError):
    """The service refused, and says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        lines = [f"{issue.path}: {issue.message.ja} / {issue.message.en}" for issue in problem.issues]
        super().__init__("\n".join([problem.detail, *lines]))


class Argument(ShirubeError):
    """What was given to the client cannot be sent."""


class Unreachable(ShirubeError):
    """No connection came about."""


class Interrupted(ShirubeError):
    """The connection broke off, or the answer took too long."""


class Redirected(ShirubeError):
    """The server answers from elsewhere; the key is not sent there."""


class Unexpected(ShirubeError):
    """An answer that this service does not give: another program answers there, or a proxy before it."""

    def __init__(self, status: int, excerpt: str) -> None:
        self.status = status
        super().__init__(f"status {status} without a problem document: {excerpt}")


class Unreadable(ShirubeError):
    """An answer whose body is not what the contract says."""
