"""A file that somebody asked for: is it of a kind that can be written, and is there room for it."""

from pathlib import Path


def room(path: Path, force: bool, kinds: tuple[str, ...]) -> Path:
    """The path, if a file of one of these kinds may be written there.

    Raises:
        ValueError: a folder, another kind of file, or one that is there and `force` is off.
    """
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file in it")
    if path.suffix.lower() not in kinds:
        raise ValueError(f"{path} must end in {' or '.join(kinds)}, which says what is written")
    if path.exists() and not force:
        raise ValueError(f"{path} exists; choose another name, or replace it with --force")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"there is no folder {path.absolute().parent} to write {path.name} in")
    return path


def page(path: Path | None, force: bool) -> Path | None:
    """The page that was asked for, if it may be written."""
    return None if path is None else room(path, force, (".html",))
