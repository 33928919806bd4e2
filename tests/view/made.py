"""Batches for the view: chain arithmetic as a small policy writes it, and credits of many kinds."""

import dataclasses
import random

import torch

from explorer import peers
from explorer.types import Credit, Rollouts

TAGS = ("reasoning", "answer", "analysis", "confidence")
BLOCKS = ("answer", "confidence")
OUTCOMES = ("wrong", "right")


def completion(numbers: list[int], rng: random.Random) -> tuple[list[str], int, float]:
    """Pieces, whether the answer is right, and the confidence that is stated."""
    total, text = numbers[0], []
    for n in numbers[1:]:
        value = total + n + rng.choice([0, 0, 0, 0, 0, 1, -10])
        text.append(f"{total}{n:+d}={value}")
        total = value
    right = int(total == sum(numbers))
    q = rng.choice([0.2, 0.5, 0.7, 0.8, 0.9]) if right else rng.choice([0.1, 0.4, 0.6, 0.9])
    why = rng.choice(["each step checks", "the last step may be off", "not sure of the borrow"])
    parts = [";\n".join(text), str(total), why, str(q)]
    pieces: list[str] = []
    for tag, part in zip(TAGS, parts, strict=True):
        pieces += [f"<{tag}>", *part, f"</{tag}>"]
    return [*pieces, "<eos>"], right, q


def batch(prompts: int = 4, samples: int = 8, steps: int = 3, seed: int = 0) -> Rollouts:
    """Groups of completions with blocks, outcomes, segments and measurements."""
    rng = random.Random(seed)
    noise = torch.Generator().manual_seed(seed)
    rows, group, rewards, outcomes, questions = [], [], [], [], []
    for g in range(prompts):
        numbers = [rng.randint(2, 30)] + [
            rng.choice([-1, 1]) * rng.randint(1, 20) for _ in range(steps)
        ]
        questions.append("".join(f"{n:+d}" for n in numbers).lstrip("+") + "=")
        for _ in range(samples):
            pieces, right, q = completion(numbers, rng)
            rows.append(pieces)
            group.append(g)
            rewards.append((float(right), -((q - right) ** 2)))
            outcomes.append((0, right))
    vocabulary = {p: i for i, p in enumerate(sorted({p for row in rows for p in row}))}
    block, segment = [], []
    for row in rows:
        middle = row.index("<analysis>")
        block.append([int(t >= middle) for t in range(len(row))])
        ends = [p in ";\n" or p.startswith("<") for p in row]
        segment.append([sum(ends[: t + 1]) for t in range(len(row))])
    lengths = [len(row) for row in rows]
    drawn = [torch.rand(n, generator=noise) for n in lengths]
    logprobs = [(-(0.02 / u.clamp(min=0.005))).tolist() for u in drawn]
    values = [
        (0.5 + (r[0] - 0.5) * torch.linspace(0, 1, n) + 0.08 * u - 0.04).tolist()
        for n, r, u in zip(lengths, rewards, drawn, strict=True)
    ]
    return Rollouts.from_lists(
        tokens=[[vocabulary[p] for p in row] for row in rows],
        rewards=[sum(r) for r in rewards],
        group=group,
        mask=[[p != "\n" for p in row] for row in rows],
        logprobs=logprobs,
        entropy=[[-x * 0.8 for x in row] for row in logprobs],
        values=values,
        mc_values=[[v + 0.03 for v in row] for row in values],
        mc_sem=[[0.04] * n for n in lengths],
        block=block,
        segment=segment,
        block_rewards=rewards,
        outcomes=outcomes,
        finished=[True] * len(rows),
        pieces=rows,
        prompts=questions,
    )


def credits(rollouts: Rollouts, many: int = 12) -> dict[str, Credit]:
    """Credits of many kinds: one number a sample, a stratum, a segment, a token, and all terms."""
    r, sample, group = rollouts.rewards, rollouts.sample, rollouts.group
    baseline = peers.mean(r, group)[sample]
    spread = (peers.std(r, group) + 1e-6)[sample]
    per_block = rollouts.block_rewards[sample, rollouts.block]
    before = rollouts.outcomes[sample, rollouts.block]
    stratum = peers.classes((group[sample], rollouts.block, before))
    grouped = peers.classes((group[sample], rollouts.block))

    def average(by: torch.Tensor) -> torch.Tensor:
        firsts = peers.starts(sample) | (
            torch.diff(rollouts.block, prepend=torch.tensor([-1])) != 0
        )
        kept = peers.mean(per_block[firsts], by[firsts])
        table = torch.zeros(int(by.max()) + 1).index_put((by[firsts],), kept)
        return table[by]

    values = rollouts.values
    ahead = torch.where(peers.ends(sample), r[sample], values.roll(-1))
    delta = ahead - values
    made = {
        "bae": Credit(target=per_block, baseline=average(stratum), peers=stratum),
        "grpo": Credit(target=r[sample], baseline=baseline, scale=spread, peers=group[sample]),
        "gae": Credit(target=values + peers.tail(delta, 0.95, sample), baseline=values),
        "bae_group": Credit(target=per_block, baseline=average(grouped), peers=grouped),
        "reinforce": Credit(target=r[sample], baseline=torch.zeros_like(values)),
        "dr_grpo": Credit(target=r[sample], baseline=baseline, peers=group[sample]),
        "td": Credit(target=ahead, baseline=values),
        "spo": Credit(
            target=peers.mean(ahead, rollouts.segment),
            baseline=peers.mean(values, rollouts.segment),
            weight=(rollouts.logprobs < -0.1).float(),
        ),
        "ktae": Credit(
            target=r[sample],
            baseline=baseline,
            scale=spread,
            bonus=0.5 * rollouts.entropy,
            peers=group[sample],
        ),
        "oar": Credit(
            target=r[sample], baseline=baseline, weight=rollouts.entropy, peers=group[sample]
        ),
        "rloo": Credit(target=r[sample], baseline=baseline, weight=8 / 7, peers=group[sample]),
        "sae": Credit(target=values + peers.tail(delta, 0.5, sample), baseline=values),
    }
    return {name: sampled_only(c, rollouts.mask) for name, c in list(made.items())[:many]}


def sampled_only(credit: Credit, mask: torch.Tensor) -> Credit:
    """No credit and no peers where the policy did not sample."""
    bonus = credit.bonus if isinstance(credit.bonus, float) else credit.bonus * mask
    return dataclasses.replace(
        credit,
        target=torch.where(mask, credit.target, credit.baseline),
        bonus=bonus,
        peers=None if credit.peers is None else torch.where(mask, credit.peers, -1),
    )
