"""`explorer.show` and the widget: the same bytes as everywhere, and names that exist."""

import dataclasses
import subprocess
import sys

import pytest
import torch
from view.made import batch, credits

import explorer
from explorer import catalog, peers
from explorer.view.show import credited
from explorer.view.widget import TokenView
from explorer.view.wire import pack, unpack

ROLLOUTS = batch(prompts=2, samples=4)


def test_show_runs_the_estimators_that_are_named():
    view = explorer.show(ROLLOUTS, ["bae", "grpo"], outcomes=("wrong", "right"))
    got = unpack(view.payload)
    assert [e["name"] for e in got["estimators"]] == ["bae", "grpo"]
    assert got["names"]["outcomes"] == ["wrong", "right"]
    assert "Blockwise Advantage" in got["estimators"][0]["note"]


def test_show_takes_settings():
    view = explorer.show(ROLLOUTS, {"grpo": {"divide_by_std": False}})
    assert unpack(view.payload)["estimators"][0]["terms"]["scale"] == 1.0


def test_show_alone_is_every_estimator_that_can_be_served():
    names = [e["name"] for e in unpack(explorer.show(ROLLOUTS).payload)["estimators"]]
    assert "grpo" in names
    assert "logged" not in names  # nothing was logged


def test_show_says_what_was_not_measured():
    with pytest.raises(catalog.NotMeasured, match="logged_advantages"):
        explorer.show(ROLLOUTS, ["logged"])


def test_an_estimators_own_cut_travels_with_it():
    got = credited(ROLLOUTS, ["sae", "grpo"])
    assert set(got["segments"]) == {"sae"}
    assert len(got["segments"]["sae"]) == len(ROLLOUTS.tokens)
    sent = unpack(pack(ROLLOUTS, **got))["estimators"]
    assert sent[0]["segment"][0] == 0
    assert sent[0]["reconstruction"]
    assert sent[1]["segment"] is None


def test_an_estimator_of_the_tasks_segments_is_averaged_over_them():
    segments = int(ROLLOUTS.segment.max()) + 1
    parts = torch.rand(segments, 3, generator=torch.Generator().manual_seed(0))
    rollouts = dataclasses.replace(ROLLOUTS, segment_rewards=parts)
    (sent,) = unpack(pack(rollouts, **credited(rollouts, ["sentence_grpo"])))["estimators"]
    assert (sent["segment"] == torch.where(peers.starts(ROLLOUTS.segment))[0].numpy()).all()
    for stratum in sent["strata"]:
        assert stratum["mean"] == pytest.approx(stratum["baseline"], abs=1e-6)


def test_widget_shows_another_batch_in_place():
    view = TokenView(ROLLOUTS, credits(ROLLOUTS))
    before = view.payload
    view.show(other := batch(prompts=1, samples=4, seed=3), credits(other), step=2)
    assert view.payload != before
    assert unpack(view.payload)["step"] == 2


def test_import_explorer_stays_light():
    code = "import explorer, sys; print({'torch', 'anywidget'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = explorer.nothing


def test_a_saved_notebook_shows_a_still_picture():
    data = TokenView(ROLLOUTS, credits(ROLLOUTS))._repr_mimebundle_()[0]
    signs = (("0,114,178", "solid"), ("213,94,0", "dotted"))
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "&lt;reasoning&gt;" in data["text/html"]
    assert "4 of 8 completions" in data["text/html"]
    assert data["text/html"].count("background:rgba(0,114,178") > 1
    solid, dotted = (f"{colour},0.85);text-decoration:underline {line}" for colour, line in signs)
    assert f'{solid}">helped' in data["text/html"] and f'{dotted}">hurt' in data["text/html"]
    assert len(data["text/html"]) < 50_000
