"""What holds of every estimator in the folder, whatever it does."""

import math

import pytest
import table
import torch
import world
from batches import IN_REWARDS, batches, each, reordered
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer import catalog, knobs, peers
from explorer.types import Rollouts, axes

ESTIMATORS = [catalog.load("estimators", name) for name in catalog.names("estimators")]
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda f: f.__name__)

# Discounting and a baseline that ends before its samples do are ways not to centre.
CENTRED = {"gamma": 1.0, "zero_tail": False}


def advantage(estimator, rollouts: Rollouts, **settings):
    return catalog.run(estimator, rollouts, **settings).advantage


@every_estimator
@given(rollouts=batches())
def test_unsampled_tokens_get_nothing_and_are_never_read(estimator, rollouts):
    on_tokens = tuple(n for n, axis in axes().items() if axis == "tokens" and n not in _INDEX)

    def spoilt(x):
        nothing = math.nan if x.is_floating_point() else 0
        return x.masked_fill(~rollouts.mask, nothing)

    a = advantage(estimator, rollouts)
    assert not a[~rollouts.mask].any()
    assert_close(advantage(estimator, each(rollouts, spoilt, on_tokens)), a, rtol=0, atol=0)


_INDEX = ("mask", "sample")


@every_estimator
@given(rollouts=batches(), data=st.data())
def test_order_of_samples_and_prompts_does_not_matter(estimator, rollouts, data):
    order = data.draw(st.permutations(range(len(rollouts.rewards))))
    other, place = reordered(rollouts, order)
    assert_close(advantage(estimator, other), advantage(estimator, rollouts)[place])


@every_estimator
@given(rollouts=batches())
def test_inputs_are_left_alone(estimator, rollouts):
    before = each(rollouts, torch.clone)
    catalog.run(estimator, rollouts)
    for name in axes():
        now, then = getattr(rollouts, name), getattr(before, name)
        if now is not None:
            assert_close(now, then, rtol=0, atol=0, equal_nan=True)


@every_estimator
@given(rollouts=batches())
def test_float32_and_float64_agree(estimator, rollouts):
    single = each(rollouts, lambda x: x.float() if x.is_floating_point() else x)
    a = advantage(estimator, single)
    assert a.dtype == torch.float32
    assert_close(a.double(), advantage(estimator, single.double()), rtol=1e-3, atol=1e-3)


@every_estimator
@given(rollouts=batches())
def test_everything_is_made_on_the_device_of_its_inputs(estimator, rollouts):
    """Stands in for a GPU: what is made on the default device can not be mixed with the inputs."""
    with torch.device("meta"):
        a = advantage(estimator, rollouts)
    assert_close(a, advantage(estimator, rollouts), rtol=0, atol=0)


@pytest.mark.gpu
@every_estimator
@given(rollouts=batches())
def test_cpu_and_cuda_agree(estimator, rollouts):
    a = advantage(estimator, rollouts.to("cuda"))
    assert a.device.type == "cuda"
    assert_close(a.cpu(), advantage(estimator, rollouts))


@every_estimator
@given(rollouts=batches(), reward=st.sampled_from([0.0, 0.1, 1.0, 7.0]))
def test_where_nothing_differs_nothing_is_credited(estimator, rollouts, reward):
    same = each(rollouts, lambda x: torch.full_like(x, reward), IN_REWARDS)
    same = each(same, torch.zeros_like, ("logged_advantages", "logprobs"))
    same = each(same, torch.ones_like, ("finished",))
    settings = {k: v for k, v in CENTRED.items() if k in _names_of_settings(estimator)}
    a = advantage(estimator, same, **settings)
    assert_close(a, torch.zeros_like(a), rtol=0, atol=1e-9)


@every_estimator
@given(rollouts=batches())
def test_a_group_of_one_gets_nothing_where_groups_are_compared(estimator, rollouts):
    if "group" not in knobs.inputs(estimator):
        return
    alone = peers.count(rollouts.group, rollouts.rewards)[rollouts.sample] == 1
    a = advantage(estimator, rollouts)
    assert_close(a[alone], torch.zeros_like(a[alone]), rtol=0, atol=0)


@every_estimator
@given(rollouts=batches())
def test_the_baseline_is_the_mean_of_the_peers(estimator, rollouts):
    """Mean over samples of the mean over segments of the mean over tokens, within the class."""
    credit = catalog.run(estimator, rollouts)
    if credit.peers is None:
        return
    one = credit.peers >= 0
    peer, target, sample = credit.peers[one], credit.target[one], rollouts.sample[one]
    segmented = "segment" in knobs.inputs(estimator) and not knobs.segmenter(estimator)
    unit = rollouts.segment[one] if segmented else sample
    for c in peer.unique():
        here = peer == c
        of_sample = []
        for i in sample[here].unique():
            mine = here & (sample == i)
            of_unit = [target[mine & (unit == u)].mean() for u in unit[mine].unique()]
            of_sample.append(torch.stack(of_unit).mean())
        expected = torch.stack(of_sample).mean()
        assert_close(credit.baseline[one][here], expected.expand(int(here.sum())))


@every_estimator
@given(rollouts=batches(empty=True), base=st.sampled_from([0.0, 1e8, -1e8]))
def test_finite_in_finite_out(estimator, rollouts, base):
    far = each(rollouts, lambda x: base + 2 * (x - 0.5), ("rewards",))
    credit = catalog.run(estimator, far)
    for part in (credit.target, credit.baseline, credit.advantage):
        assert part.isfinite().all()


@every_estimator
@given(rollouts=batches())
def test_no_cancellation(estimator, rollouts):
    """What does not see a shift of all rewards by 1 does not see one by 100 million either."""
    near = each(rollouts, lambda x: x + 1, IN_REWARDS)
    far = each(rollouts, lambda x: x + 1e8, IN_REWARDS)
    here, there = advantage(estimator, rollouts), advantage(estimator, near)
    if torch.allclose(here, there, rtol=1e-9, atol=1e-9):
        assert_close(advantage(estimator, far), here, rtol=1e-4, atol=1e-4)


def test_the_readme_lists_every_estimator_in_order():
    assert list(table.rows("estimators")) == catalog.names("estimators")


@every_estimator
def test_reads_what_the_readme_says(estimator):
    reads = table.rows("estimators")[estimator.__name__][0]
    assert reads == ", ".join(catalog.reads(estimator))


@every_estimator
def test_is_as_biased_as_the_readme_says(estimator):
    unbiased = table.rows("estimators")[estimator.__name__][2]
    assert unbiased == world.verdict(estimator)


def test_the_verdict_can_be_no():
    """A proof that can not fail proves nothing: the best of the group is a biased baseline."""
    from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken

    def best(rewards: PerSample, group: GroupOfSample, sample: SampleOfToken) -> Credit:
        top = rewards.new_full((int(group.max()) + 1,), -math.inf)
        top = top.scatter_reduce(0, group, rewards, "amax")
        return Credit(target=rewards[sample], baseline=top[group][sample])

    assert world.verdict(best).startswith("no")


def _names_of_settings(estimator) -> set[str]:
    return {knob.name for knob in catalog.settings(estimator)}
