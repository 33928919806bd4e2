"""The tail of the tiny Llama against autograd."""

import pytest
import tiny
import torch
from torch import nn
from torch.testing import assert_close

from explorer import ragged, tail
from explorer.policy import score

POLICY = tiny.policy(layers=2)
BATCH = tiny.rollouts(POLICY, groups=2)
LAYERS = tail.tail_layers(POLICY)


def test_the_tail_begins_with_the_last_attention_s_output():
    assert list(LAYERS) == [
        "model.layers.1.self_attn.o_proj",
        "model.layers.1.mlp.gate_proj",
        "model.layers.1.mlp.up_proj",
        "model.layers.1.mlp.down_proj",
        "lm_head",
    ]


def test_outer_products_are_the_gradients():
    one = ragged.of_sample(BATCH, 3)
    x, delta = tail.factors(POLICY, one, list(LAYERS.values()))
    logprobs = score(POLICY, one).logprobs
    for t in range(len(logprobs)):
        weights = [layer.weight for layer in LAYERS.values()]
        exact = torch.autograd.grad(logprobs[t], weights, retain_graph=True)
        for a, d, g in zip(x, delta, exact, strict=True):
            assert_close(torch.outer(d[t], a[t]), g, atol=1e-6, rtol=1e-5)


def test_inner_products_are_unbiased():
    rows = []
    for i in range(len(BATCH.rewards)):
        x, delta = tail.factors(POLICY, ragged.of_sample(BATCH, i), list(LAYERS.values()))
        outer = [torch.einsum("to,ti->toi", d, a).flatten(1) for a, d in zip(x, delta, strict=True)]
        rows.append(torch.cat(outer, 1))
    exact = torch.cat(rows)
    exact = exact @ exact.T
    tables = [tail.tail_table(POLICY, BATCH, width=256, seed=s) for s in range(40)]
    found = torch.stack([t @ t.T for t in tables])
    off = (found.mean(0) - exact).abs() / (found.std(0) / 40**0.5)
    assert off.square().mean().sqrt() < 1.3  # z-scores of an unbiased mean: 1
    relative = found.diagonal(dim1=1, dim2=2).std(0) / exact.diagonal()
    assert relative.max() < 1.3 * (8 / 256) ** 0.5


def test_a_model_without_attention_has_no_tail():
    policy = tiny.policy()
    policy.model.model.layers = nn.ModuleList()
    with pytest.raises(ValueError, match="use the sketch tier"):
        tail.tail_layers(policy)


def test_the_last_share_told_is_all():
    told: list[float] = []
    tail.tail_table(POLICY, BATCH, width=4, progress=told.append)
    assert told[-1] == 1.0
