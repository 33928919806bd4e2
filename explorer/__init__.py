"""See the advantage of every token under every estimator."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`explorer.show`, loaded when it is asked for: it brings torch and anywidget along."""
    if name == "show":
        from explorer.view.show import show

        return show
    raise AttributeError(f"module 'explorer' has no attribute {name!r}")
