"""The view's pure modules under Node, on batches that Python packs."""

import csv
import dataclasses
import json
import math
import os
import subprocess
from pathlib import Path

import numpy as np
import torch
from view.made import BLOCKS, OUTCOMES, batch, credits

from explorer import arrays
from explorer.types import Credit, Rollouts
from explorer.view.bundle import script
from explorer.view.wire import pack

HERE = Path(__file__).parent

# A number, a token that was not sampled, one that something is not known of, a fault, and zero.
LACKING = Rollouts.from_lists(
    tokens=[[1, 2, 3], [4, 5]],
    mask=[[True, False, True], [True, True]],
    rewards=[1.0, 0.5],
    group=[0, 0],
)
TARGET = torch.tensor([0.75, 1.0, math.nan, math.nan, 0.0])
MISSING = torch.tensor([False, True, True, False, True])


def test_modules(node, tmp_path):
    rollouts = batch()
    pieces = ["\ufeff", *(rollouts.pieces or [])[1:]]  # which many a reader of text takes away
    rollouts = dataclasses.replace(rollouts, pieces=pieces)
    noise = torch.Generator().manual_seed(0)
    made = credits(rollouts)
    # Heavy tails, so that some values lie beyond the scale and some are tiny.
    heavy = rollouts.mask * torch.randn(len(rollouts.tokens), generator=noise) ** 5
    made["heavy"] = made["\u03bb"] = Credit(target=heavy, baseline=torch.zeros_like(heavy))
    for name, detail in (("all", None), ("some", [0, 5])):
        payload = pack(rollouts, made, detail=detail, blocks=BLOCKS, outcomes=OUTCOMES)
        (tmp_path / f"{name}.bin").write_bytes(payload)
    x = {"x": Credit(target=TARGET, baseline=torch.zeros(5))}
    options = {"groups": [3], "unmeasured": {"x": MISSING}}
    (tmp_path / "lacking.bin").write_bytes(pack(LACKING, x, **options))
    (tmp_path / "rough.bin").write_bytes(pack(LACKING, x, **options, detail=[]))
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
        assert (saved[f"masked_{name}"] == masked).all()
    arrays.table(tmp_path / "true.csv", LACKING, x, **options)
    made_here, made_there = (
        list(csv.reader((tmp_path / name).read_text().splitlines()))
        for name in ("true.csv", "lacking.csv")
    )
    assert made_here == made_there
    arrays.arrays(tmp_path / "true.npz", LACKING, x, **options)
    got, wanted = np.load(tmp_path / "lacking.npz"), np.load(tmp_path / "true.npz")
    assert got.files == wanted.files
    for name in wanted.files:
        np.testing.assert_array_equal(got[name], wanted[name])


def test_one_script_holds_all_modules(node, tmp_path):
    path = tmp_path / "view.mjs"
    path.write_text(script())
    checked = subprocess.run([node, "--check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert len(script().encode()) < 100_000
    assert "import {" not in script()
    assert "https://" not in script().replace("http://www.w3.org", "")
