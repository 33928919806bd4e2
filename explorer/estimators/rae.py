"""Role-conditioned Advantage Estimation (reconstruction). Liu et al. 2025, arXiv:2506.24119.

Written from notes on its code, with one role; the paper was not read.
"""

from explorer import peers
from explorer.types import Credit, PerSample, SampleOfToken


def rae(rewards: PerSample, anchor: PerSample, sample: SampleOfToken) -> Credit:
    """Reward minus what the run's past rewards let expect.

        A_i = r_i - b,    b = 0.95 b + 0.05 mean(r) after each batch

    In self-play every role has a b of its own; here one role plays. No other sample of the prompt
    is needed, so one a prompt will do, but hard prompts are only ever punished. Unbiased if the
    anchor is from before this batch (the trainer's `--anchor ema`), since nothing in it was drawn
    with the sample.
    """
    return Credit(target=peers.at(rewards, sample), baseline=peers.at(anchor, sample))
