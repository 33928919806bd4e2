"""Which policy sampled the rollouts of a step, as far as the run kept it.

Step s is the s-th update, so the policy with s - 1 updates sampled its rollouts. A trainer keeps
few of them; the policy one update later stands in for it where only that one is there.
"""

import dataclasses
from pathlib import Path

from explorer.config import Config
from explorer.pieces import pieces_of
from explorer.policy import SHIPPED, Policy, load
from explorer.runs import Run
from explorer.types import Rollouts


def config_of(run: Run) -> Config | None:
    """What the run was trained with; None if another trainer made it.

    Raises:
        ValueError: settings that this version does not have.
    """
    if (stored := run.info.get("config")) is None:
        return None
    if unknown := stored.keys() - {field.name for field in dataclasses.fields(Config)}:
        raise ValueError(
            f"{run.folder} was trained with the setting {min(unknown)!r}, which this version does "
            "not have; use the version that made the run"
        )
    return Config(**stored)


def policies(run: Run) -> dict[int, Path]:
    """The folders of the policies that are at hand, by how many updates they had."""
    if (config := config_of(run)) is None:
        return {}
    start = SHIPPED if config.policy == "shipped" else Path(config.policy)
    states = (run.folder / "checkpoints").glob("step=*[0-9]/state.json")
    found = {int(state.parent.name.removeprefix("step=")): state.parent for state in states}
    return dict(sorted(({0: start} | found).items()))


def sampler(
    run: Run, step: int, rollouts: Rollouts, *, folder: Path | None = None, device: str = "auto"
) -> tuple[int | None, Policy]:
    """The policy that sampled a step's rollouts, or the one an update later; how many updates it
    had, None if it was named.

    Args:
        folder: a policy to take in its place.
        device: auto takes a GPU if there is one.

    Raises:
        ValueError: none was kept near that step; names the steps that have one. Or a policy whose
            tokens are not those of the rollouts.
    """
    updates = None
    if folder is None:
        updates, folder = _near(run, step)
    policy = load(folder, device=device)
    _same_tokens(policy, rollouts, folder)
    return updates, policy


def served(run: Run) -> list[int]:
    """The steps with rollouts whose policy, or the next one, was kept."""
    kept = policies(run)
    return [step for step in run.steps() if kept.keys() & {step - 1, step}]


def _near(run: Run, step: int) -> tuple[int, Path]:
    kept = policies(run)
    for updates in (step - 1, step):
        if updates in kept:
            return updates, kept[updates]
    steps = served(run)
    have = f"only for step {_listed(steps)}" if steps else "nor for any other"
    raise ValueError(f"no checkpoint for step {step}, {have}; name a policy with --policy")


def _listed(steps: list[int]) -> str:
    return " and ".join(filter(None, [", ".join(map(str, steps[:-1])), str(steps[-1])]))


def _same_tokens(policy: Policy, rollouts: Rollouts, folder: Path) -> None:
    """Nothing, if the policy's tokenizer spells the first completion as it was recorded."""
    ids = rollouts.tokens[rollouts.sample == 0].tolist()
    known = len(policy.model.get_input_embeddings().weight)  # pyright: ignore[reportArgumentType]
    everything = [rollouts.tokens.tolist(), *(rollouts.prompt_tokens or ())]
    same = max(map(max, filter(None, everything)), default=0) < known
    if same and rollouts.pieces is not None:
        same = "".join(pieces_of(policy.tokenizer)(ids)) == "".join(rollouts.pieces[: len(ids)])
    if not same:
        raise ValueError(
            f"the policy in {folder} reads other tokens than these rollouts have; "
            "name the one that sampled them"
        )
