"""Where archives of tests lie: a folder, or a bucket on a real server that speaks S3.

The server is moto's (Apache-2.0), a process of its own; what lies in the bucket is looked at with Amazon's boto3.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3

from temoin.storage.archive.archive import Archive
from temoin.storage.archive.bucket import Bucket
from temoin.storage.archive.disk import Disk
from temoin.storage.archive.folder import Folder

_LISTENING = "Running on "

Step = Callable[[str, Callable[[], None]], None]
"""Called around each change of the place: its name, and the change itself."""


class ArchivePlace(Protocol):
    """An archive's place as the tests see it from outside. Names are those of segments."""

    def archive(self, step: Step | None = None) -> Archive:
        """`step` is called around each of the archive's changes, and may fail."""
        ...

    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes: ...

    def put(self, name: str, data: bytes) -> None: ...

    def remove(self, name: str) -> None: ...


NewPlace = Callable[[Path], ArchivePlace]


class InFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def archive(self, step: Step | None = None) -> Archive:
        return Archive(Folder(self.folder, _SteppedDisk(step) if step else None))

    def names(self) -> list[str]:
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.glob("*/*"))

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def put(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()


class InBucket:
    """A bucket of its own; its prefix has two parts."""

    prefix = "proofs/eu"

    def __init__(self, endpoint: str, folder: Path, url: str = "") -> None:
        self.endpoint = endpoint
        self.lock = folder / "archive.lock"
        self.bucket = urlsplit(url).netloc or f"b{secrets.token_hex(8)}"
        self.url = f"s3://{self.bucket}/{self.prefix}"
        self._s3: Any = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
        if not url:
            self._s3.create_bucket(Bucket=self.bucket)

    def archive(self, step: Step | None = None) -> Archive:
        place = _SteppedBucket(self.url, self.endpoint, self.lock)
        place.step = step
        return Archive(place)

    def names(self) -> list[str]:
        found = self._s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        keys = [str(item["Key"]).removeprefix(f"{self.prefix}/") for item in found]
        return sorted(key for key in keys if "/" in key)

    def read(self, name: str) -> bytes:
        data: bytes = self._s3.get_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}")["Body"].read()
        return data

    def put(self, name: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}", Body=data)

    def remove(self, name: str) -> None:
        self._s3.delete_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}")


class _SteppedDisk(Disk):
    def __init__(self, step: Step) -> None:
        self._step = step

    def write(self, path: Path, data: bytes) -> None:
        self._step("write", lambda: super(_SteppedDisk, self).write(path, data))

    def rename(self, path: Path, target: Path) -> None:
        self._step("rename", lambda: super(_SteppedDisk, self).rename(path, target))

    def sync(self, folder: Path) -> None:
        self._step("sync", lambda: super(_SteppedDisk, self).sync(folder))

    def make(self, folder: Path) -> None:
        self._step("make", lambda: super(_SteppedDisk, self).make(folder))

    def remove(self, path: Path) -> None:
        self._step("remove", lambda: super(_SteppedDisk, self).remove(path))


class _SteppedBucket(Bucket):
    step: Step | None = None

    def _do(self, name: str, change: Callable[[], None]) -> None:
        if self.step is None:
            change()
        else:
            self.step(name, change)

    def claim(self, owner: str) -> str:
        said = ""

        def change() -> None:
            nonlocal said
            said = super(_SteppedBucket, self).claim(owner)

        self._do("claim", change)
        return said

    def write(self, name: str, data: bytes) -> None:
        self._do("write", lambda: super(_SteppedBucket, self).write(name, data))

    def remove(self, name: str) -> None:
        self._do("remove", lambda: super(_SteppedBucket, self).remove(name))


@contextmanager
def s3_server(log: Path) -> Iterator[str]:
    """The address of a server that speaks S3, on a free port of its own choosing."""
    with log.open("wb") as out:
        command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", "0"]
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            while _LISTENING not in log.read_text(errors="replace"):
                assert process.poll() is None, log.read_text(errors="replace")
            address = log.read_text(errors="replace").partition(_LISTENING)[2].split()[0]
            assert urlsplit(address).port
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)
