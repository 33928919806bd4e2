"""Make a tiny policy: supervised learning on the completions of a novice, stopped half-way.

Half-way, so that reinforcement learning moves from its first step: some completions are right,
some go wrong in the middle, and the stated confidences say nothing yet.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pad_sequence
from torch.optim.lr_scheduler import LambdaLR
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from explorer import calibration
from explorer.policy import Policy, save
from explorer.rollouts import sample
from explorer.task import Problem, Task

_PIECE = r"</?[a-z]+>|[\s\S]"
_SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
_BATCHES = 1_000_000  # batches of one seed; problems to check success have negative seeds
_IGNORED = -100


@dataclass(frozen=True)
class Preset:
    """A size of model, with 32 numbers a head as vLLM wants it."""

    hidden: int
    layers: int
    intermediate: int


PRESETS = {
    "small": Preset(hidden=64, layers=2, intermediate=160),
    "large": Preset(hidden=128, layers=2, intermediate=320),
}


def pretrain(
    task: Task,
    out: str | Path,
    *,
    preset: str = "small",
    seed: int = 0,
    steps: int = 300,
    batch: int = 128,
    success: float = 0.55,
    check_every: int = 10,
) -> Iterator[dict[str, Any]]:
    """Train a fresh model on a novice's completions until it is right often enough, and save it.

    Yields a row a step (step, steps, loss, success of the last check) and a last one with the
    sampled and the greedy success, Brier and ECE on other problems. A novice slips and states a
    confidence from 0.1 to 0.9 whatever the answer, so the sampled success stays below the greedy
    one, and confidences are uncalibrated and spread. The same seed gives the same weights on a CPU.

    Args:
        preset: small has about 0.1 M parameters, large 0.4 M.
        steps: the learning rate falls to 0 by then, whether or not success was reached.
        batch: completions a step.
        success: share of sampled (temperature 1) completions that are right at which to stop.
        check_every: steps from one check of success to the next; small ones stop closer to it.

    Raises:
        ValueError: no such preset.
    """
    if preset not in PRESETS:
        raise ValueError(f"there is no preset {preset!r}; there are {', '.join(PRESETS)}")
    began = time.perf_counter()
    policy = fresh(task, PRESETS[preset], seed=seed)
    optimizers = _optimizers(policy)
    schedules = [LambdaLR(optimizer, _warm_up_and_fall(steps)) for optimizer in optimizers]
    reached, step = 0.0, 0
    while step < steps and reached < success:
        step += 1
        problems = task.problems(seed * _BATCHES + step, batch)
        loss = _loss(policy, task, problems, Random(step))
        policy.model.zero_grad()
        loss.backward()
        clip_grad_norm_(policy.model.parameters(), 1.0)
        for each in (*optimizers, *schedules):
            each.step()
        if step % check_every == 0:
            reached = evaluate(policy, task, seed=step)["success"]
        yield {"step": step, "steps": steps, "loss": loss.item(), "success": reached}
    save(policy, out)
    yield {
        "step": step,
        "steps": steps,
        **evaluate(policy, task, seed=0, problems=512),
        "greedy": evaluate(policy, task, seed=0, problems=512, temperature=0.0)["success"],
        "parameters": sum(p.numel() for p in policy.model.parameters()),
        "seconds": time.perf_counter() - began,
    }


def evaluate(
    policy: Policy, task: Task, *, seed: int, temperature: float = 1.0, problems: int = 256
) -> dict[str, float]:
    """Success, Brier and ECE on held-out problems, one completion each."""
    asked = task.problems(-1 - seed, problems)
    parts = [part for problem in asked for part, _ in _parts(task, problem)]
    longest = max(len(policy.tokenizer.encode(part)) for part in parts)
    turns = task.world.turns if task.world else 1
    rollouts = sample(
        policy,
        task,
        asked,
        samples=1,
        max_new_tokens=(longest + 8) * turns,
        temperature=temperature,
        seed=seed,
    )
    assert rollouts.correct is not None and rollouts.confidence is not None
    correct = rollouts.correct.float()
    return {
        "success": correct.mean().item(),
        "brier": calibration.brier(rollouts.confidence, correct),
        "ece": calibration.ece(rollouts.confidence, correct),
    }


def fresh(task: Task, preset: Preset, *, seed: int) -> Policy:
    """A Llama of that size with random weights, for the vocabulary of the task."""
    words = tokenizer(task)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=preset.hidden,
        num_hidden_layers=preset.layers,
        num_attention_heads=preset.hidden // 32,
        num_key_value_heads=preset.hidden // 32,
        intermediate_size=preset.intermediate,
        max_position_embeddings=256,
        # Sequences are short: slower rotations would hardly tell their places apart.
        rope_parameters={"rope_type": "default", "rope_theta": 200.0},
        initializer_range=0.06,
        # vLLM on a CPU keeps a stale copy of tied embeddings when the weights are replaced.
        tie_word_embeddings=False,
        pad_token_id=_SPECIAL.index("<pad>"),
        bos_token_id=_SPECIAL.index("<bos>"),
        eos_token_id=_SPECIAL.index("<eos>"),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
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


def _optimizers(policy: Policy) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the matrices inside, AdamW for the rest: half the steps of AdamW alone."""
    named = list(policy.model.named_parameters())
    inside = [p for name, p in named if p.ndim == 2 and "layers" in name]
    rest = [p for name, p in named if not (p.ndim == 2 and "layers" in name)]
    return (
        torch.optim.Muon(inside, lr=0.02, weight_decay=0.01),
        torch.optim.AdamW(rest, lr=0.01, weight_decay=0.01),
    )


def _warm_up_and_fall(steps: int) -> Callable[[int], float]:
    return lambda step: min(1.0, (step + 1) / 10) * (1 - step / steps)


def _loss(policy: Policy, task: Task, problems: list[Problem], dice: Random) -> Tensor:
    """Cross-entropy of the policy's own tokens, in nats a token."""
    ids, labels = [], []
    for problem in problems:
        asked = policy.tokenizer.encode(problem.prompt)
        ids.append(torch.tensor(asked))
        labels.append(torch.full_like(ids[-1], _IGNORED))
        for text, own in _parts(task, problem, dice):
            ended = text + "<eos>" * own
            said = torch.tensor(policy.tokenizer.encode(ended, add_special_tokens=False))
            ids[-1] = torch.cat([ids[-1], said])
            labels[-1] = torch.cat([labels[-1], said if own else torch.full_like(said, _IGNORED)])
    # Padding comes last and is not learnt from, so that attention needs no mask.
    logits = policy.model(input_ids=pad_sequence(ids, batch_first=True)).logits
    targets = pad_sequence(labels, batch_first=True, padding_value=_IGNORED)
    return cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


def _parts(task: Task, problem: Problem, dice: Random | None = None) -> list[tuple[str, bool]]:
    """A completion, cut into the policy's turns (True) and the world's (False).

    With dice it is a novice's, if the task knows of one; else the gold one.
    """
    if task.world is None:
        novice = task.novice if dice else None
        return [(novice(problem, dice) if novice and dice else task.gold(problem), True)]
    parts, text = [], ""
    for turn in task.world.gold(problem):
        reply = task.world.reply(problem, text + turn) or ""
        parts += [(turn, True), (reply, False)]
        text += turn + reply
    return [part for part in parts if part[0]]
