"""`explorer.show`: rollouts under estimators, in a notebook cell."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer import catalog, unmeasured
from explorer.types import Credit, Rollouts
from explorer.view.widget import TokenView


def show(
    rollouts: Rollouts,
    estimators: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    **options: Any,
) -> TokenView:
    """Every completion, coloured by the advantage that each estimator gives each token.

    Args:
        estimators: names, or names with the settings to change; None is every estimator that these
            rollouts can serve. The first two are shown side by side.
        options: what `explorer.view.wire.pack` takes, such as the names of blocks and outcomes.

    Raises:
        NotMeasured: an estimator that was asked for reads a field that the rollouts lack.
    """
    return TokenView(rollouts, **credited(rollouts, estimators), **options)


def credited(
    rollouts: Rollouts, estimators: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """What `wire.pack` takes of the estimators: credits, notes, where they cut segments, and where
    what they read was not measured.
    """
    if estimators is None:
        known = {name: catalog.load("estimators", name) for name in catalog.names("estimators")}
        estimators = [name for name, f in known.items() if not catalog.missing(f, rollouts)]
    chosen = dict(estimators) if isinstance(estimators, Mapping) else {n: {} for n in estimators}
    functions = {name: catalog.load("estimators", name) for name in chosen}
    credits: dict[str, Credit] = {
        name: catalog.run(f, rollouts, **chosen[name]) for name, f in functions.items()
    }
    cuts = {name: catalog.cut(f, rollouts, **chosen[name]) for name, f in functions.items()}
    return {
        "credits": credits,
        "notes": {name: _note(f) for name, f in functions.items()},
        "segments": {name: cut for name, cut in cuts.items() if cut is not None},
        "unmeasured": {name: unmeasured.tokens(f, rollouts) for name, f in functions.items()},
    }


def _note(function: Callable[..., Any]) -> str:
    """The first line of the estimator's file: what it is, whose, and whether a reconstruction."""
    doc = sys.modules[function.__module__].__doc__ or ""
    return doc.strip().partition("\n")[0]
