"""A file on its way."""

import os
import re
import stat
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Optional, Union

from .errors import Argument
from .transport import Response

#: Bytes of a file's name that are kept; file systems take 255.
_NAME_BYTES_MAX = 200
#: Bytes of its end that is kept, too: what kind of file it is.
_EXTENSION_BYTES_MAX = 16
#: What no file system takes in a name, and what is not seen but changes what is seen around it.
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]')
_PART = 1 << 16


class Download:
    """A file that the service answers with. Use it in a `with` block, or read it to its end."""

    def __init__(self, response: Response) -> None:
        self._response = response
        #: The name that the service gives it: a name alone, without a folder.
        self.file_name = file_name(response.headers.get("Content-Disposition") or "")
        #: Its media type.
        self.content_type: Optional[str] = response.headers.get("Content-Type")

    def __enter__(self) -> "Download":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._response.__exit__()

    def read(self) -> bytes:
        """All of it."""
        with self._response:
            return self._response.whole()

    def parts(self) -> Iterator[bytes]:
        """Part by part."""
        with self._response:
            while part := self._response.part(_PART):
                yield part

    def save(self, path: Union[str, "os.PathLike[str]"], overwrite: bool = False) -> Path:
        """Writes it to a file, or into a folder under its own name; the file appears when it is complete.

        A file that is overwritten keeps its permissions, and is the one to which a link leads. A device or
        a pipe is written to as it is.
        """
        target = Path(path)
        if target.is_dir():
            target /= self.file_name or "download"
        with self._response:
            mode = _mode(target)
            if mode is not None and (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
                with open(target, "wb") as stream:
                    self._write(stream)
                return target
            if mode is not None and not stat.S_ISREG(mode):
                raise Argument(f"{target} is no file")
            if mode is not None and not overwrite:
                raise Argument(f"{target} exists already")
            self._put(Path(os.path.realpath(target)), mode)
        return target

    def _put(self, target: Path, mode: Optional[int]) -> None:
        # A name that nobody has chosen: no file of the user, no link that somebody has laid out.
        partial = target.with_name(f".{uuid.uuid4().hex}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(partial, flags, 0o666 if mode is None else 0o600)
        try:
            with open(descriptor, "wb") as file:
                self._write(file)
            if mode is not None:
                os.chmod(partial, stat.S_IMODE(mode))
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)

    def _write(self, file: IO[bytes]) -> None:
        for part in self.parts():
            file.write(part)


def _mode(target: Path) -> Optional[int]:
    """What stands at a path, links followed; None where nothing does."""
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        if target.is_symlink():
            raise Argument(f"{target} is a link to nothing") from None
        return None


def file_name(header: str) -> Optional[str]:
    """The name in a Content-Disposition, made safe to be created in a folder."""
    extended = re.search(r"filename\*=UTF-8''([^;\s]+)", header)
    plain = re.search(r'filename="?([^";]+)', header)
    if extended:
        name = urllib.parse.unquote(extended.group(1))
    elif plain:
        name = plain.group(1)
    else:
        return None
    name = _NOT_IN_NAMES.sub("_", name).strip().lstrip(".")
    return _cut(name) or None


def _cut(name: str) -> str:
    """A name that a file system takes, with its extension."""
    dot = name.rfind(".")
    if dot < 0 or len(name[dot:].encode()) > _EXTENSION_BYTES_MAX:
        dot = len(name)
    extension = name[dot:]
    kept = name[:dot].encode()[: _NAME_BYTES_MAX - len(extension.encode())]
    return kept.decode(errors="ignore") + extension
