"""Files that appear whole or not at all: written under a temporary name beside the target, flushed, then renamed.

A crash leaves at most a file named `.<name>.<random>.part`, never a target that is cut short.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from temoin.errors import Malformed


@contextmanager
def staged(target: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A file to write to; becomes `target` (replacing it) when the block ends well, vanishes when it does not.

    `mode` holds its permissions, from which the process's mask is taken. Raises Malformed where the folder is missing
    or may not be written.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "is a folder", str(target))
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b")
    except OSError as error:
        raise Malformed(
            "cannot_write", f"{target} cannot be written: {error.strerror}.", "Name a file in a folder that exists."
        ) from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
