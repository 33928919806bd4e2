"""The view's modules as one script, so that a host needs neither a server nor a build step."""

import re
from functools import cache
from pathlib import Path

from explorer.view.squeeze import squeeze

FOLDER = Path(__file__).parent
ENTRY = "view.js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:function\*?|const|let) (\w+)", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|function)", re.MULTILINE)


@cache
def script(entry: str = ENTRY) -> str:
    """The module `entry` and all that it needs as one ES module, squeezed."""
    return squeeze(program(entry))


def inline(name: str, entry: str = ENTRY) -> str:
    """The script for a module of a host, in which `name` is what it exports."""
    return script(entry).replace("export default", f"const {name} =")


def program(entry: str = ENTRY) -> str:
    """Every module that `entry` imports, before what imports it, as it was written.

    Raises:
        ValueError: two modules declare one name, which a single scope cannot hold.
    """
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        for needed in _IMPORT.findall(_source(name)):
            visit(needed)
        order.append(name)

    visit(entry)
    owner: dict[str, str] = {}
    for name in order:
        for declared in _NAME.findall(_source(name)):
            if owner.setdefault(declared, name) != name:
                raise ValueError(
                    f"{declared} is declared in {owner[declared]} and in {name}, which become one "
                    "script: give one of them another name"
                )
    return "".join(_EXPORT.sub("", _IMPORT.sub("", _source(name))) for name in order)


@cache
def styles(name: str = "view.css") -> str:
    """A style sheet."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
