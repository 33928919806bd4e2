"""What several commands begin with: a step of a run, and what estimators give its tokens."""

from pathlib import Path

from explorer import catalog, options
from explorer.runs import Run, open_run
from explorer.types import Credit, Rollouts


def credited(
    folder: Path, step: int | None, estimators: str | None
) -> tuple[Run, int, Rollouts, dict[str, Credit]]:
    """The run, the step, its rollouts, and what each estimator gives them."""
    run = open_run(folder)
    if not (steps := run.steps()):
        raise ValueError(f"{folder} holds no rollouts yet; the first step writes some")
    at = steps[-1] if step is None else step
    rollouts = run.rollouts(at)
    chosen = options.estimators(estimators or run.info.get("estimator", "grpo"))
    credits = {
        label: catalog.run(catalog.load("estimators", name), rollouts, **settings)
        for label, (name, settings) in chosen.items()
    }
    return run, at, rollouts, credits
