"""What several commands begin with: a step of a run, and what estimators give its tokens."""

from pathlib import Path

from explorer import catalog, options
from explorer.runs import Run, open_run
from explorer.types import Credit, Rollouts


def opened(folder: Path, step: int | None, having: str = "") -> tuple[Run, int, Rollouts]:
    """The run, the step and its rollouts; by default the last step that has a field, or the last.

    Raises:
        ValueError: not a run folder, or no rollouts of that step.
    """
    run = open_run(folder)
    if not (steps := run.steps()):
        raise ValueError(f"{folder} holds no rollouts yet; the first step writes some")
    if step is None:
        fit = (k for k in reversed(steps) if not having or run.has(k, having))
        step = next(fit, steps[-1])
    return run, step, run.rollouts(step)


def credited(rollouts: Rollouts, estimators: str | None) -> dict[str, Credit]:
    """What each estimator gives the tokens; by default all that these rollouts can serve."""
    return {
        label: catalog.run(catalog.load("estimators", name), rollouts, **settings)
        for label, (name, settings) in options.estimators(estimators or able(rollouts)).items()
    }


def able(rollouts: Rollouts) -> str:
    """The estimators that read nothing that these rollouts lack, as they would be typed.

    Without `logged`: it repeats the one that trained.
    """
    known = {name: catalog.load("estimators", name) for name in catalog.names("estimators")}
    known.pop("logged")
    return ",".join(name for name, leaf in known.items() if not catalog.missing(leaf, rollouts))
