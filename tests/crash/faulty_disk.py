"""A disk in memory that keeps synced and unsynced bytes apart, fails when told to, and can lose its power."""

import errno
from collections.abc import Callable
from pathlib import Path


class PowerCut(BaseException):
    """The machine stopped: no code of the program runs behind it."""


class _File:
    def __init__(self, content: bytes = b"", synced: int = 0) -> None:
        self.content = bytearray(content)
        self.synced = synced


class FaultyDisk:
    """Implements `papernet.servers.disk.Disk`; `before` is told of each call by number and name and may raise."""

    def __init__(self) -> None:
        self.files: dict[Path, _File] = {}
        self.durable_names: dict[Path, _File] = {}
        self.descriptors: dict[int, _File] = {}
        self.calls = 0
        self.log: list[str] = []
        self.before: Callable[[int, str], None] = lambda _number, _name: None
        # the most bytes that one write takes
        self.appetite = 1 << 30

    def _call(self, name: str) -> None:
        self.calls += 1
        self.log.append(name)
        self.before(self.calls, name)

    def names(self, directory: Path) -> list[str]:
        self._call("names")
        return [path.name for path in self.files if path.parent == directory]

    def read(self, path: Path) -> bytes:
        self._call("read")
        return bytes(self._at(path).content)

    def open(self, path: Path) -> int:
        self._call("open")
        descriptor = 1_000 + self.calls
        self.descriptors[descriptor] = self.files.setdefault(path, _File())
        return descriptor

    def write(self, descriptor: int, data: memoryview) -> int:
        self._call("write")
        taken = data[: self.appetite]
        self.descriptors[descriptor].content += taken
        return len(taken)

    def sync(self, descriptor: int) -> None:
        self._call("sync")
        file = self.descriptors[descriptor]
        file.synced = len(file.content)

    def truncate(self, descriptor: int, size: int) -> None:
        self._call("truncate")
        file = self.descriptors[descriptor]
        del file.content[size:]
        file.synced = min(file.synced, size)

    def close(self, descriptor: int) -> None:
        self._call("close")
        del self.descriptors[descriptor]

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename")
        self.files[target] = self.files.pop(source)

    def remove(self, path: Path) -> None:
        self._call("remove")
        self._at(path)
        del self.files[path]

    def sync_directory(self, directory: Path) -> None:
        self._call("sync_directory")
        self.durable_names = dict(self.files)

    def _at(self, path: Path) -> _File:
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        return self.files[path]

    def after_power_cut(self, keep: Callable[[int], int], names: str = "synced") -> "FaultyDisk":
        """Return what is found later: of each file's n unsynced bytes, the first `keep(n)`.

        Of what happened to names since the directory was last synced: all, nothing ("synced"), or at worst only the bad; then
        what was removed is gone, and what was made or renamed is not there.
        """
        disk = FaultyDisk()
        found = {
            "all": self.files,
            "synced": self.durable_names,
            "worst": {path: file for path, file in self.durable_names.items() if path in self.files},
        }
        for path, file in found[names].items():
            size = file.synced + keep(len(file.content) - file.synced)
            disk.files[path] = _File(bytes(file.content[:size]), size)
        disk.durable_names = dict(disk.files)
        return disk

    def copy(self) -> "FaultyDisk":
        """Return a disk with the same content, all of it durable."""
        return self.after_power_cut(lambda n: n, "all")

    def put(self, path: Path, content: bytes) -> None:
        """Replace a file's content from outside."""
        self.files[path] = self.durable_names[path] = _File(content, len(content))


def nothing(_unsynced: int) -> int:
    """Return how many unsynced bytes a disk keeps that keeps none."""
    return 0


def fail_at(number: int, code: int) -> Callable[[int, str], None]:
    """Return a `before` under which the call with that number, and every write and sync after it, fails."""

    def before(call: int, name: str) -> None:
        if call == number or (call > number and name in ("write", "sync")):
            raise OSError(code, errno.errorcode[code])

    return before


def cut_at(number: int) -> Callable[[int, str], None]:
    """Return a `before` under which the power goes when the call with that number is about to happen."""

    def before(call: int, _name: str) -> None:
        if call >= number:
            raise PowerCut

    return before
