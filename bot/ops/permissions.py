"""Files that this process may not write, found before a library fails on them with a trace: most often the bot was once
started as another user, such as root."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path


def why_not_writable(paths: Iterable[Path]) -> str | None:
    """One line about the first of these that cannot be written: whose it is, and what helps. None where all can be.

    A path that does not exist stands for the nearest folder in which it would be made.
    """
    return next((_why(found) for found in map(_nearest, paths) if not _may_write(found)), None)


def database_files(database: Path) -> tuple[Path, ...]:
    """What the bot writes for an SQLite file: its folder, the file, those that SQLite and the lock put beside it."""
    beside = (Path(f"{database}{suffix}") for suffix in ("-wal", "-shm", ".lock"))
    return (database.parent, database, *(path for path in beside if os.path.exists(path)))


def is_database_file(path: Path, database: Path) -> bool:
    """Whether a path leads, also through links, to an SQLite file or to a file that lies beside it for its use: what is
    written there destroys it, most of all under a running bot."""
    if os.path.exists(path) and os.path.exists(database) and os.path.samefile(path, database):
        return True
    own = os.path.realpath(database)
    return os.path.realpath(path) in {f"{own}{suffix}" for suffix in ("", "-wal", "-shm", "-journal", ".lock", ".key")}


def folder_and_files(folder: Path) -> tuple[Path, ...]:
    """A folder, and what lies in it where this process may look."""
    return (folder, *folder.iterdir()) if os.access(folder, os.R_OK | os.X_OK) else (folder,)


def _nearest(path: Path) -> Path:
    # Of a folder that may not be entered, Path.exists raises; os.path.exists says no, and the folder is named.
    return next(place for place in (path, *path.absolute().parents) if os.path.exists(place))


def _may_write(path: Path) -> bool:
    wanted = os.W_OK | os.X_OK if path.is_dir() else os.W_OK
    return os.access(path, wanted, effective_ids=os.access in os.supports_effective_ids)


def _why(path: Path) -> str:
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return f"{path} cannot be written: its file system is read-only"
    found, me = path.stat(), _user(os.geteuid())
    if found.st_uid == os.geteuid():
        return f"{path} cannot be written: its mode is {stat.filemode(found.st_mode)}; run: chmod u+rwX {path}"
    return f"{path} cannot be written: it is {_user(found.st_uid)}'s, and this is {me}; run: sudo chown -R {me} {path}"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container a number may have no name
        return str(number)
