"""Group Policy Gradient. Chu et al. 2025, arXiv:2504.02546."""

from typing import Annotated, Literal

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken

SPREAD = 1e-5  # a group with less is uninformative


def gpg(
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    counts: Literal["groups", "rewards"] = "groups",
    divide_by_std: bool = False,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-4,
) -> Credit:
    """Centred reward, made up for the groups that say nothing.

        A_{i,t} = alpha (r_i - mean(r)),    alpha = groups / groups whose rewards differ

    As in the authors' code, where alpha divides the loss. Biased: alpha depends on the sample. A
    group of one counts as saying nothing and gives 0; with no informative group alpha is 1.

    Args:
        counts: what alpha counts: groups whose rewards differ, or (verl) rewards that are not 0.
        divide_by_std: on tells the difference in units of the group's spread.
        eps: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    mean, spread = peers.mean_and_std(rewards, group)
    if counts == "groups":
        share = 1 / peers.count(group, rewards)  # so that every group counts once
        informative = share[spread > SPREAD].sum()
        alpha = (share.sum() / informative).where(informative > 0, 1.0)
    else:
        alpha = len(rewards) / rewards.count_nonzero().clamp(min=1).to(rewards.dtype)
    unit = (spread + eps).where(spread > 0, 1.0) if divide_by_std else None
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean, sample),
        scale=1.0 if unit is None else peers.at(unit, sample),
        weight=alpha.expand_as(sample),
        peers=peers.at(group.int(), sample),
    )
