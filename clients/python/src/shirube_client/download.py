"""A file on its way."""

import os
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Optional, Union

from .errors import Argument
from .transport import Response

_NAME_CHARS_MAX = 120
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
        """Writes it to a file, or into a folder under its own name; the file appears when it is complete."""
        target = Path(path)
        if target.is_dir():
            target /= self.file_name or "download"
        if target.exists() and not overwrite:
            raise Argument(f"{target} exists already")
        partial = target.with_name(target.name + ".part")
        try:
            with open(partial, "wb") as file:
                for part in self.parts():
                    file.write(part)
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
        return target


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
    name = re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f]', "_", name)[:_NAME_CHARS_MAX]
    return name.strip().lstrip(".") or None
