"""ReMax: the greedy completion as baseline. Li et al. 2023, arXiv:2310.10505."""

from explorer import peers
from explorer.types import Credit, PerSample, SampleOfToken


def remax(rewards: PerSample, greedy_reward: PerSample, sample: SampleOfToken) -> Credit:
    """Reward minus the reward of the greedy completion of the same prompt.

        A_{i,t} = r_i - r(greedy)

    Unbiased: the greedy completion is fixed by the prompt. It costs one more completion a prompt,
    and centres poorly where the greedy answer is far better than the sampled ones.
    """
    return Credit(target=peers.at(rewards, sample), baseline=peers.at(greedy_reward, sample))
