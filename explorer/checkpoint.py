"""Where training goes on from: weights, optimizer and step; no pickle, whole or not at all.

All randomness of a step comes from the seed and the step's number, so there is no generator whose
state would have to be kept.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim import Optimizer

from explorer.policy import Policy, save

_OPTIMIZER = "optimizer.safetensors"
Beside = Mapping[str, tuple[nn.Module, Optimizer | None]]  # what learns beside the policy, by name


def write(
    run: Path,
    step: int,
    policy: Policy,
    optimizer: Optimizer,
    beside: Beside | None = None,
    *,
    alone: bool = True,
) -> None:
    """Keep the state after `step`; `alone` deletes those before it."""
    folder = run / "checkpoints" / f"step={step:06d}"
    hidden = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir(parents=True)
    save(policy, hidden)
    save_file(_flat(optimizer), hidden / _OPTIMIZER)
    for name, (module, own) in (beside or {}).items():
        save_file(module.state_dict(), hidden / f"{name}.safetensors")
        if own is not None:
            save_file(_flat(own), hidden / f"{name}.{_OPTIMIZER}")
    (hidden / "state.json").write_text(json.dumps({"schema": 1, "step": step}))
    shutil.rmtree(folder, ignore_errors=True)
    hidden.replace(folder)
    for other in folder.parent.glob("step=*") if alone else ():
        if other != folder:
            shutil.rmtree(other)


def latest(run: Path) -> tuple[int, Path] | None:
    """The last step that was kept, and its folder: a model folder like any other."""
    kept = sorted((run / "checkpoints").glob("step=*/state.json"))
    found = [path for path in kept if not path.parent.name.endswith(".tmp")]
    return (json.loads(found[-1].read_text())["step"], found[-1].parent) if found else None


def restore(folder: Path, optimizer: Optimizer, beside: Beside | None = None) -> None:
    """Give the optimizer the state it had, moments and counts, and so to what learns beside.

    What did not learn then stays as it is.
    """
    _load(optimizer, folder / _OPTIMIZER)
    for name, (module, own) in (beside or {}).items():
        if not (folder / f"{name}.safetensors").exists():
            continue
        module.load_state_dict(load_file(folder / f"{name}.safetensors"))
        if own is not None:
            _load(own, folder / f"{name}.{_OPTIMIZER}")


def _flat(optimizer: Optimizer) -> dict[str, torch.Tensor]:
    state = optimizer.state_dict()["state"]
    return {f"{i}/{name}": x for i, own in state.items() for name, x in own.items()}


def _load(optimizer: Optimizer, path: Path) -> None:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in load_file(path).items():
        index, name = key.split("/")
        state.setdefault(int(index), {})[name] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
