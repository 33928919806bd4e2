"""The token view in a notebook: an anywidget whose front end is the same module as the app's."""

from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from explorer.types import Credit, Rollouts
from explorer.view.bundle import script, styles
from explorer.view.still import still
from explorer.view.wire import pack


class TokenView(anywidget.AnyWidget):
    """A batch under its estimators; `state` is what the reader chose, and may be set.

    `show` replaces the batch in place, from any thread: the reader keeps estimators, scale and
    place. Keeps its last batch over a reload of the page. A notebook that was saved with the state
    of its widgets (JupyterLab: Settings, "Save Widget State Automatically") shows it again without
    the kernel that made it.
    """

    _esm = script()
    _css = styles()
    payload = traitlets.Bytes().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, rollouts: Rollouts, credits: Mapping[str, Credit], **options: Any) -> None:
        super().__init__(payload=pack(rollouts, credits, **options))

    def show(self, rollouts: Rollouts, credits: Mapping[str, Credit], **options: Any) -> None:
        """Show another batch; `options` are those of `wire.pack`."""
        self.payload = pack(rollouts, credits, **options)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/html"] = still(self.payload)
        return bundle
