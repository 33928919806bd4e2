"""Completions from the policy in this process, by transformers; the cache of a prompt is shared."""

from typing import Annotated, Any

import torch
from torch import Tensor
from transformers import DynamicCache

from explorer.knobs import Slider
from explorer.policy import Policy, end_tokens
from explorer.types import Completion

_COMPACT = 0.9  # rows that ended are carried along until fewer than this share go on


@torch.no_grad()
def transformers(
    policy: Policy,
    prompts: list[list[int]],
    *,
    samples: Annotated[int, Slider(1, 64, 1, at_least=1)] = 16,
    max_new_tokens: Annotated[int, Slider(1, 256, 1, at_least=1)] = 80,
    temperature: Annotated[float, Slider(0.0, 2.0, 0.05, at_least=0.0)] = 1.0,
    seed: Annotated[int, Slider(0, 100, 1, at_least=0)] = 0,
) -> list[list[Completion]]:
    """Sample from the policy: one list of completions a prompt.

    Log-probabilities are those of the distribution that was sampled from: softmax(logits / T).
    Temperature 0 takes the likeliest token, whose log-probability is then 0. The same seed gives
    the same tokens on the same machine; prompts of a batch share one stream of random numbers.

    Args:
        samples: completions of each prompt; more make the mean of a group a better baseline.
        max_new_tokens: a longer completion is cut off, unfinished.
        temperature: 0 takes the likeliest token, 1 the policy as it is, more makes it bolder.
        seed: another one gives other completions.

    Raises:
        ValueError: an empty prompt, more tokens than the policy has positions for, or a policy
            that training broke.
    """
    _check(policy, prompts, max_new_tokens)
    if not prompts:
        return []
    device = policy.device
    dice = torch.Generator(device).manual_seed(seed)
    ends = torch.tensor(end_tokens(policy), device=device)
    ids, real = _left_padded(prompts, device)
    logits, cache = _prefill(policy.model, ids, real)
    cache.batch_repeat_interleave(samples)
    logits, real = (x.repeat_interleave(samples, 0) for x in (logits, real))

    rows = torch.arange(len(logits), device=device)  # the completions that go on
    tokens = torch.full((len(rows), max_new_tokens), -1, device=device)
    logprobs = torch.zeros(len(rows), max_new_tokens, device=device)
    going = torch.ones_like(rows, dtype=torch.bool)
    place = real.sum(1)
    for step in range(max_new_tokens):
        token, logprob = _draw(logits, temperature, dice)
        tokens[rows[going], step] = token[going]
        logprobs[rows[going], step] = logprob[going]
        going &= ~torch.isin(token, ends)
        alive = int(going.sum())
        if not alive or step + 1 == max_new_tokens:
            break
        if alive < _COMPACT * len(rows):
            keep = going.nonzero().squeeze(1)
            rows, token, place, real = rows[keep], token[keep], place[keep], real[keep]
            going = going[keep]
            cache.batch_select_indices(keep)
        real = torch.cat([real, real.new_ones(len(rows), 1)], 1)
        logits = policy.model(
            input_ids=token[:, None],
            attention_mask=real,
            position_ids=place[:, None],
            past_key_values=cache,
            use_cache=True,
        ).logits[:, -1]
        place = place + 1
    return _completions(tokens, logprobs, torch.isin(tokens, ends).any(1), samples)


def _draw(logits: Tensor, temperature: float, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """One token a row and its log-probability."""
    if temperature == 0:
        token = logits.argmax(-1)
        return token, torch.zeros_like(token, dtype=torch.float32)
    log_pi = (logits.float() / temperature).log_softmax(-1)
    if bool(log_pi.isnan().any()):
        raise ValueError("the policy's probabilities are no numbers: its weights are broken")
    token = torch.multinomial(log_pi.exp(), 1, generator=dice)
    return token.squeeze(1), log_pi.gather(1, token).squeeze(1)


def _prefill(model: Any, ids: Tensor, real: Tensor) -> tuple[Tensor, DynamicCache]:
    """Logits after each prompt, and the cache of the prompts."""
    cache = DynamicCache(config=model.config)
    place = (real.cumsum(1) - 1).clamp(min=0)
    output = model(
        input_ids=ids,
        attention_mask=real,
        position_ids=place,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return output.logits[:, -1], cache


def _left_padded(prompts: list[list[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    longest = max(map(len, prompts))
    ids = [[0] * (longest - len(prompt)) + prompt for prompt in prompts]  # masked: any id will do
    real = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(ids, device=device), torch.tensor(real, device=device)


def _completions(
    tokens: Tensor, logprobs: Tensor, finished: Tensor, samples: int
) -> list[list[Completion]]:
    lengths = (tokens >= 0).sum(1).tolist()
    flat = [
        Completion(row[:n], chances[:n], end)
        for row, chances, n, end in zip(
            tokens.tolist(), logprobs.tolist(), lengths, finished.tolist(), strict=True
        )
    ]
    return [flat[i : i + samples] for i in range(0, len(flat), samples)]


def _check(policy: Policy, prompts: list[list[int]], max_new_tokens: int) -> None:
    if not all(prompts):
        raise ValueError(
            "a prompt without tokens can not be continued; begin it with the bos token"
        )
    limit = getattr(policy.model.config, "max_position_embeddings", None)
    longest = max(map(len, prompts), default=0) + max_new_tokens
    if limit is not None and longest > limit:
        raise ValueError(
            f"prompt and completion take up to {longest} tokens, but the policy has {limit} "
            f"positions; lower max_new_tokens by {longest - limit}"
        )
