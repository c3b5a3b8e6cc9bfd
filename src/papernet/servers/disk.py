"""The calls on the file system that the state depends on, gathered so that tests can make each of them fail.

Invariant.      Files are made readable by their owner alone. A write may take less than it was given: `write_all` goes on.
Does not.       Know what the bytes mean, or retry anything.
"""

import fcntl
import os
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """The calls on the file system that the state depends on; all raise OSError."""

    def names(self, directory: Path) -> list[str]:
        """Return the names in a directory."""

    def read(self, path: Path) -> bytes:
        """Return a file's content."""

    def open(self, path: Path) -> int:
        """Open a file for appending, made with mode 0600 when it is not there, and return its descriptor."""

    def write(self, descriptor: int, data: memoryview) -> int:
        """Append some leading part of `data` and return its length."""

    def sync(self, descriptor: int) -> None:
        """Return when all that was written to the file, and its length, is on the medium."""

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file to `size` bytes."""

    def close(self, descriptor: int) -> None:
        """Give a descriptor back."""

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name, replacing what had it."""

    def remove(self, path: Path) -> None:
        """Remove a file."""

    def sync_directory(self, directory: Path) -> None:
        """Return when the names in a directory are on the medium."""


class LocalDisk:
    """The file system of this machine."""

    def names(self, directory: Path) -> list[str]:
        """Return the names in a directory."""
        return [path.name for path in directory.iterdir()]

    def read(self, path: Path) -> bytes:
        """Return a file's content."""
        return path.read_bytes()

    def open(self, path: Path) -> int:
        """Open a file for appending, made with mode 0600 when it is not there, and return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Append some leading part of `data` and return its length."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Return when all that was written to the file, and its length, is on the medium."""
        if full_sync := getattr(fcntl, "F_FULLFSYNC", None):
            # macOS: fsync stops at the drive's cache, and there is no fdatasync
            fcntl.fcntl(descriptor, full_sync)
        else:
            os.fdatasync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file to `size` bytes."""
        os.ftruncate(descriptor, size)

    def close(self, descriptor: int) -> None:
        """Give a descriptor back."""
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name, replacing what had it."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def sync_directory(self, directory: Path) -> None:
        """Return when the names in a directory are on the medium."""
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(disk: Disk, descriptor: int, data: bytes) -> None:
    """Append all of `data`, however little each write takes."""
    rest = memoryview(data)
    while rest:
        written = disk.write(descriptor, rest)
        if written <= 0:
            message = "the file takes no more bytes"
            raise OSError(message)
        rest = rest[written:]
