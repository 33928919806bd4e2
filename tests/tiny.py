"""A random policy of 2,000 parameters and rollouts on it, for tests that need real gradients."""

import torch
from tokenizers import Tokenizer, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from explorer.policy import Policy, measure
from explorer.types import Rollouts

WORDS = 12


def policy(*, seed: int = 0, layers: int = 1) -> Policy:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=WORDS,
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=64,
        tie_word_embeddings=False,
        initializer_range=0.3,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    vocabulary = {f"w{i}": i for i in range(WORDS)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="w0"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="w0", eos_token="w2")
    model = LlamaForCausalLM(config).eval()
    return Policy(model=model, tokenizer=tokenizer, device=torch.device("cpu"), name="tiny")


def rollouts(on: Policy, *, groups: int = 4, samples: int = 3, seed: int = 0) -> Rollouts:
    """Random completions of 2 to 5 tokens; the reward is the share of even words."""
    draw = torch.Generator().manual_seed(seed)
    number = groups * samples
    sizes = torch.randint(2, 6, (number,), generator=draw).tolist()
    tokens = [torch.randint(3, WORDS, (n,), generator=draw).tolist() for n in sizes]
    prompts = [
        torch.randint(3, WORDS, (3 + g % 2,), generator=draw).tolist() for g in range(groups)
    ]
    batch = Rollouts.from_lists(
        tokens=tokens,
        rewards=[sum(t % 2 == 0 for t in row) / len(row) for row in tokens],
        group=[i // samples for i in range(number)],
        prompt_tokens=prompts,
    )
    return measure(on, batch)
