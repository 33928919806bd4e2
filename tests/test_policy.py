"""The policy: what it says of tokens is what its model says, however they are batched."""

import json
import shutil
import threading

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close
from transformers import AutoModelForCausalLM, AutoTokenizer

from explorer.policy import SHIPPED, load, measure, pick_device, save, score
from explorer.types import Rollouts

TEXTS = {
    "7+15-4=": ["<reasoning>7+15=22;22-4=18</reasoning><answer>18</answer>", "<answer>", "0"],
    "3-1=": ["<reasoning>3-1=2</reasoning>", ";;;<eos>"],
}


@pytest.fixture
def shipped():
    return load()


def batch(policy) -> Rollouts:
    """Completions of 1 to 24 tokens after prompts of 5 and 8."""
    encode = policy.tokenizer.encode
    return Rollouts.from_lists(
        tokens=[encode(t, add_special_tokens=False) for texts in TEXTS.values() for t in texts],
        rewards=[0.0] * 5,
        group=[0, 0, 0, 1, 1],
        prompt_tokens=[encode(prompt) for prompt in TEXTS],
    )


def one_by_one(policy, rollouts, temperature=1.0):
    """Distributions before each token: each sample by itself, without padding, cache or mask."""
    rows = []
    for i, group in enumerate(rollouts.group.tolist()):
        prompt = rollouts.prompt_tokens[group]
        own = rollouts.tokens[rollouts.sample == i]
        ids = torch.cat([torch.tensor(prompt), own])[None]
        with torch.no_grad():
            logits = policy.model(input_ids=ids).logits[0, len(prompt) - 1 : -1]
        rows.append((logits / temperature).softmax(-1))
    return torch.cat(rows)


@pytest.mark.parametrize("micro", [1, 60, 8192])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_scores_are_those_of_each_sample_by_itself(shipped, micro, temperature):
    rollouts = batch(shipped)
    pi = one_by_one(shipped, rollouts, temperature)
    scores = score(shipped, rollouts, temperature=temperature, micro=micro)
    logprobs = pi.gather(1, rollouts.tokens[:, None]).squeeze(1).log()
    close = {"atol": 1e-5, "rtol": 1e-5}
    assert_close(scores.logprobs, logprobs, **close)
    assert_close(scores.entropy, -(pi * pi.log()).sum(1), **close)
    assert_close(scores.sum_pi_sq, pi.square().sum(1), **close)


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 99), st.integers(1, 40))
def test_the_size_of_a_forward_pass_changes_nothing(groups, samples, seed, micro):
    policy = tiny.policy(layers=2)
    rollouts = tiny.rollouts(policy, groups=groups, samples=samples, seed=seed)
    assert_close(score(policy, rollouts, micro=micro).logprobs, rollouts.old_logprobs)


def test_scores_have_gradients():
    policy = tiny.policy()
    scores = score(policy, tiny.rollouts(policy))
    for wanted in (scores.logprobs, scores.entropy, scores.sum_pi_sq):
        policy.model.zero_grad()
        wanted.sum().backward(retain_graph=True)
        grads = [p.grad for p in policy.model.parameters() if p.grad is not None]
        assert any(bool(grad.abs().sum() > 0) for grad in grads)


def test_gradient_of_entropy_by_finite_differences():
    policy = tiny.policy()
    rollouts = tiny.rollouts(policy)
    weight = policy.model.get_output_embeddings().weight
    score(policy, rollouts).entropy.sum().backward()
    step = 1e-2
    found = []
    for sign in (1, -1):
        with torch.no_grad():
            weight[3, 1] += sign * step
            found.append(score(policy, rollouts).entropy.double().sum().item())
            weight[3, 1] -= sign * step
    assert weight.grad[3, 1].item() == pytest.approx((found[0] - found[1]) / (2 * step), rel=1e-2)


def test_measure_fills_the_fields(shipped):
    rollouts = batch(shipped)
    measured = measure(shipped, rollouts)
    scores = score(shipped, rollouts)
    assert_close(measured.old_logprobs, scores.logprobs.detach())
    assert not measured.old_logprobs.requires_grad


def test_scores_of_another_thread_are_the_same(shipped):
    rollouts, found = batch(shipped), []
    thread = threading.Thread(target=lambda: found.append(score(load(), rollouts).logprobs))
    thread.start()
    thread.join()
    assert_close(found[0], score(shipped, rollouts).logprobs)


@pytest.mark.parametrize("prompts", [None, [[1], []]])
def test_a_prompt_is_needed(shipped, prompts):
    rollouts = Rollouts.from_lists(
        tokens=[[1], [2]], rewards=[0.0, 0.0], group=[0, 1], prompt_tokens=prompts
    )
    with pytest.raises(ValueError, match="record prompt_tokens"):
        score(shipped, rollouts)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_temperature_is_positive(shipped, temperature):
    with pytest.raises(ValueError, match="temperature must be positive"):
        score(shipped, batch(shipped), temperature=temperature)


def test_saved_and_loaded(shipped, tmp_path):
    before = score(shipped, batch(shipped))
    save(shipped, tmp_path / "a")
    policy = load(tmp_path / "a", device="cpu")
    after = score(policy, batch(policy))
    assert_close(after.logprobs, before.logprobs, rtol=0, atol=0)
    assert policy.name == "a"
    assert not list((tmp_path / "a").glob("*.bin"))


def test_the_shipped_folder_is_an_ordinary_one():
    model = AutoModelForCausalLM.from_pretrained(SHIPPED)
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED)
    assert model.config.vocab_size == len(tokenizer)
    assert model.config.head_dim == 32
    assert not model.config.tie_word_embeddings
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 2**20
    prompt = tokenizer.encode("7+15-4=")
    assert prompt[0] == tokenizer.bos_token_id
    assert tokenizer.decode(prompt) == "<bos>7+15-4="


def broken(folder, how):
    shutil.copytree(SHIPPED, folder)
    weights = folder / "model.safetensors"
    if how == "no weights":
        weights.unlink()
    elif how == "half the weights":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif how == "only a pickle":
        weights.unlink()
        torch.save({}, folder / "pytorch_model.bin")
    elif how == "no config":
        (folder / "config.json").unlink()
    elif how == "config of another size":
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    elif how == "no tokenizer":
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer_config.json").unlink()
    elif how == "a tokenizer that is no json":
        (folder / "tokenizer.json").write_text("{")
    return folder


@pytest.mark.parametrize(
    "how",
    [
        "no weights",
        "half the weights",
        "only a pickle",
        "no config",
        "config of another size",
        "no tokenizer",
        "a tokenizer that is no json",
    ],
)
def test_a_broken_folder_is_named_in_one_sentence(tmp_path, how):
    with pytest.raises(ValueError, match="model") as raised:
        load(broken(tmp_path / "model", how))
    assert str(tmp_path / "model") in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"there is no model folder .*nowhere"):
        load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="there is no model folder nowhere"):
        load("nowhere/at-all")


def test_devices():
    assert pick_device("cpu") == torch.device("cpu")
    with pytest.raises(ValueError, match="there is no device 'gpu'; take auto, cpu or cuda"):
        pick_device("gpu")
    with pytest.raises(ValueError, match=r"device cuda:99 needs a GPU, and \d+ are here"):
        pick_device("cuda:99")
