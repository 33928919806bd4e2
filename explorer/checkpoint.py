"""Where training goes on from: weights, optimizer and step; no pickle, whole or not at all.

All randomness of a step comes from the seed and the step's number, so there is no generator whose
state would have to be kept.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from explorer.policy import Policy, save

_OPTIMIZER = "optimizer.safetensors"


def write(run: Path, step: int, policy: Policy, optimizer: torch.optim.Optimizer) -> None:
    """Keep the state after `step`, and delete the one before."""
    folder = run / "checkpoints" / f"step={step:06d}"
    hidden = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir(parents=True)
    save(policy, hidden)
    state = optimizer.state_dict()["state"]
    flat = {f"{i}/{name}": x for i, own in state.items() for name, x in own.items()}
    save_file(flat, hidden / _OPTIMIZER)
    (hidden / "state.json").write_text(json.dumps({"schema": 1, "step": step}))
    shutil.rmtree(folder, ignore_errors=True)
    hidden.replace(folder)
    for other in folder.parent.glob("step=*"):
        if other != folder:
            shutil.rmtree(other)


def latest(run: Path) -> tuple[int, Path] | None:
    """The last step that was kept, and its folder: a model folder like any other."""
    kept = sorted((run / "checkpoints").glob("step=*/state.json"))
    found = [path for path in kept if not path.parent.name.endswith(".tmp")]
    return (json.loads(found[-1].read_text())["step"], found[-1].parent) if found else None


def restore(folder: Path, optimizer: torch.optim.Optimizer) -> None:
    """Give the optimizer the state it had, moments and counts."""
    fresh = optimizer.state_dict()
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in load_file(folder / _OPTIMIZER).items():
        index, name = key.split("/")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": fresh["param_groups"]})
