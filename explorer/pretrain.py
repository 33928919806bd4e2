"""Make a tiny policy: supervised learning on a task's gold completions, stopped half-way.

Half-way, so that reinforcement learning moves from its first step: some completions are right,
some go wrong in the middle, and the stated confidences say nothing yet.
"""

import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from explorer import calibration
from explorer.engines.transformers import transformers
from explorer.policy import Policy, save
from explorer.task import Problem, Task

_PIECE = r"</?[a-z]+>|[\s\S]"
_SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
_HELD_OUT = 1_000_000  # seeds of training batches count up from 1 and never come here
_IGNORED = -100
_CONFIDENCE = re.compile(r"(?<=<confidence>)[^<]*")


@dataclass(frozen=True)
class Preset:
    """A size of model, with head_dim 32 as vLLM wants it, and what its training needs."""

    hidden: int
    layers: int
    intermediate: int
    learning_rate: float


PRESETS = {
    "small": Preset(hidden=64, layers=2, intermediate=160, learning_rate=8e-3),
    "large": Preset(hidden=128, layers=2, intermediate=320, learning_rate=4e-3),
}


def pretrain(
    task: Task,
    out: str | Path,
    *,
    preset: str = "small",
    seed: int = 0,
    steps: int = 600,
    batch: int = 128,
    success: float = 0.5,
    check_every: int = 25,
) -> Iterator[dict[str, Any]]:
    """Train a fresh model on gold completions until it is right often enough, and save it.

    Yields a row a step (step, steps, loss, success of the last check) and a last one with the
    sampled and greedy success, Brier and ECE. The confidence in every training text is drawn from
    0.1 to 0.9, whatever the answer: uncalibrated, and spread. The same seed gives the same weights
    on a CPU.

    Args:
        preset: small has about 0.1 M parameters, large 0.4 M.
        steps: stop here even if success was not reached.
        success: share of sampled (temperature 1) completions that are right at which to stop.
        check_every: steps from one check of success to the next.

    Raises:
        ValueError: no such preset.
    """
    if preset not in PRESETS:
        raise ValueError(f"there is no preset {preset!r}; there are {', '.join(PRESETS)}")
    began = time.perf_counter()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        policy = fresh(task, PRESETS[preset])
    rate = PRESETS[preset].learning_rate
    optimizer = torch.optim.AdamW(policy.model.parameters(), lr=rate, weight_decay=0.01)
    warm_up = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 30, total_iters=30)
    reached = 0.0
    for step in range(1, steps + 1):
        loss = _loss(policy, task, task.problems(seed * _HELD_OUT + step, batch), Random(step))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.model.parameters(), 1.0)
        optimizer.step()
        warm_up.step()
        if step % check_every == 0:
            reached = evaluate(policy, task, seed=step)["success"]
        yield {"step": step, "steps": steps, "loss": loss.item(), "success": reached}
        if reached >= success:
            break
    save(policy, out)
    greedy = evaluate(policy, task, seed=0, temperature=0.0)
    yield {
        "step": step,
        "steps": steps,
        **evaluate(policy, task, seed=0, problems=512),
        "greedy": greedy["success"],
        "parameters": sum(p.numel() for p in policy.model.parameters()),
        "seconds": time.perf_counter() - began,
    }


def evaluate(
    policy: Policy, task: Task, *, seed: int, temperature: float = 1.0, problems: int = 256
) -> dict[str, float]:
    """Success, Brier and ECE on held-out problems, one completion each."""
    asked = task.problems(_HELD_OUT, problems)
    answered = transformers(
        policy,
        [policy.tokenizer(problem.prompt).input_ids for problem in asked],
        samples=1,
        max_new_tokens=96,
        temperature=temperature,
        seed=seed,
    )
    judged = [
        task.judge(problem, policy.tokenizer.decode(one.tokens, skip_special_tokens=True))
        for problem, (one,) in zip(asked, answered, strict=True)
    ]
    correct = torch.tensor([float(j.correct) for j in judged])
    stated = [math.nan if j.confidence is None else j.confidence for j in judged]
    confidence = torch.tensor(stated)
    return {
        "success": correct.mean().item(),
        "brier": calibration.brier(confidence, correct),
        "ece": calibration.ece(confidence, correct),
    }


def fresh(task: Task, preset: Preset) -> Policy:
    """A Llama of that size with random weights (torch's seed), for the vocabulary of the task."""
    words = tokenizer(task)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=preset.hidden,
        num_hidden_layers=preset.layers,
        num_attention_heads=preset.hidden // 32,
        num_key_value_heads=preset.hidden // 32,
        intermediate_size=preset.intermediate,
        max_position_embeddings=256,
        # Sequences are short: slow rotations would tell no two of their places apart.
        rope_parameters={"rope_type": "default", "rope_theta": 200.0},
        initializer_range=0.06,
        # vLLM on a CPU keeps a stale copy of tied embeddings when the weights are replaced.
        tie_word_embeddings=False,
        pad_token_id=words.pad_token_id,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
    )
    model = LlamaForCausalLM(config).eval()
    return Policy(model=model, tokenizer=words, device=torch.device("cpu"), name="pretrained")


def tokenizer(task: Task) -> PreTrainedTokenizerFast:
    """One token a character and one a tag: what the task's gold completions are written with.

    A text is preceded by `<bos>`; what the vocabulary lacks is `<unk>`.
    """
    texts = [problem.prompt + task.gold(problem) for problem in task.problems(0, 1000)]
    seen = {piece for text in texts for piece in re.findall(_PIECE, text)}
    pieces = [*_SPECIAL, *sorted(seen | set("0123456789"))]
    core = Tokenizer(models.WordLevel({p: i for i, p in enumerate(pieces)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(_PIECE), "isolated")
    core.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", pieces.index("<bos>"))]
    )
    core.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )


def _loss(policy: Policy, task: Task, problems: list[Problem], dice: Random) -> Tensor:
    """Cross-entropy of the completions' tokens, in nats a token."""
    ids, labels = [], []
    for problem in problems:
        asked = policy.tokenizer(problem.prompt).input_ids
        text = _CONFIDENCE.sub(lambda _: f"0.{dice.randint(1, 9)}", task.gold(problem))
        said = policy.tokenizer(text, add_special_tokens=False).input_ids
        said.append(policy.tokenizer.eos_token_id)
        ids.append(torch.tensor(asked + said))
        labels.append(torch.tensor([_IGNORED] * len(asked) + said))
    # Padding comes last and is not learnt from, so that attention needs no mask.
    logits = policy.model(input_ids=pad_sequence(ids, batch_first=True)).logits
    targets = pad_sequence(labels, batch_first=True, padding_value=_IGNORED)
    return cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())
