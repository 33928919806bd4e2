"""The view's pure modules under Node, on batches that Python packs."""

import dataclasses
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import torch
from view.made import BLOCKS, OUTCOMES, batch, credits

from explorer.types import Credit
from explorer.view.bundle import script
from explorer.view.wire import pack

HERE = Path(__file__).parent


def test_modules(node, tmp_path):
    rollouts = batch()
    pieces = ["\ufeff", *rollouts.pieces[1:]]  # which many a reader of text takes away
    rollouts = dataclasses.replace(rollouts, pieces=pieces)
    noise = torch.Generator().manual_seed(0)
    made = credits(rollouts)
    # Heavy tails, so that some values lie beyond the scale and some are tiny.
    heavy = rollouts.mask * torch.randn(len(rollouts.tokens), generator=noise) ** 5
    made["heavy"] = made["\u03bb"] = Credit(target=heavy, baseline=torch.zeros_like(heavy))
    for name, detail in (("all", None), ("some", [0, 5])):
        payload = pack(rollouts, made, detail=detail, blocks=BLOCKS, outcomes=OUTCOMES)
        (tmp_path / f"{name}.bin").write_bytes(payload)
    true = {name: credit.advantage.tolist() for name, credit in made.items()}
    (tmp_path / "true.json").write_text(json.dumps(true))
    (tmp_path / "pieces.json").write_text(json.dumps(rollouts.pieces))
    done = subprocess.run(
        [node, "--test", *sorted(HERE.glob("*.test.mjs"))],
        env={**os.environ, "BATCHES": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    saved = np.load(tmp_path / "saved.npz")
    for name, credit in made.items():
        got = saved[f"advantage_{name}"]
        masked = np.isnan(got)
        assert (masked == ~rollouts.mask.numpy()).all()
        np.testing.assert_allclose(got[~masked], credit.advantage.numpy()[~masked], atol=1e-6)


def test_one_script_holds_all_modules(node, tmp_path):
    path = tmp_path / "view.mjs"
    path.write_text(script())
    checked = subprocess.run([node, "--check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert len(script().encode()) < 100_000
    assert "import {" not in script()
    assert "https://" not in script().replace("http://www.w3.org", "")
