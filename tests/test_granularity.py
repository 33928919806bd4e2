"""The README's column `granularity` is what the estimators do."""

from collections.abc import Callable, Iterator

import pytest
import table
import torch
from batches import batches, filled
from hypothesis import given
from torch import Tensor

from explorer import catalog, knobs, peers
from explorer.types import Rollouts

ROWS = table.rows("estimators")
every_estimator = pytest.mark.parametrize(
    "estimator",
    [catalog.load("estimators", name) for name in catalog.names("estimators")],
    ids=lambda f: f.__name__,
)
# So many samples that what differs within a part does so in one of them.
LARGE = filled(
    torch.arange(24) % 4,
    3 + torch.arange(24) % 6,
    "quarters",
    torch.Generator().manual_seed(0),
    False,
)


def parts(estimator: Callable, rollouts: Rollouts) -> Iterator[tuple[str, Tensor]]:
    """From coarse to fine: its name, and the part in which each token stands."""
    yield "completion", rollouts.sample
    yield "block", peers.classes((rollouts.sample, rollouts.block))
    if cut := knobs.segmenter(estimator):
        starts = catalog.run(catalog.load("segmenters", cut), rollouts)
        yield "step" if cut == "steps" else "segment", catalog.segments(starts, rollouts.sample)
    elif "node" in knobs.inputs(estimator):
        yield "segment", peers.classes((rollouts.sample, rollouts.node))
    else:
        yield "step", rollouts.segment
    yield "token", torch.arange(len(rollouts.tokens))


def level(estimator: Callable, rollouts: Rollouts, part: Tensor) -> bool:
    """Whether all tokens of a part get the same, those of weight 0 aside."""
    credit = catalog.run(estimator, rollouts)
    counted = rollouts.mask & (credit.weight != 0)
    a, own = credit.advantage[counted], part[counted]
    return bool(torch.isclose(a, peers.mean(a, own), rtol=1e-9, atol=1e-9).all())


@every_estimator
def test_it_is_the_coarsest_part_in_which_all_tokens_get_the_same(estimator):
    found = next(name for name, part in parts(estimator, LARGE) if level(estimator, LARGE, part))
    assert ROWS[estimator.__name__][1] == found


@every_estimator
@given(rollouts=batches())
def test_they_do_so_in_every_batch(estimator, rollouts):
    assert level(estimator, rollouts, dict(parts(estimator, rollouts))[ROWS[estimator.__name__][1]])
