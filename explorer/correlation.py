"""How well one number a token agrees with a noisy reference: statistics and their intervals.

All are functions of sums over prompts, so that a bootstrap over prompts is one matrix product.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from explorer.types import Classes, PerToken

RESAMPLES = 500
LESS_IS_NEARER = {"rmse", "rmse_scaled", "unexplained", "unexplained_corrected"}
Resampled = Float[Tensor, "resamples"]
Sums = dict[str, Tensor]


def agreement(
    x: PerToken, y: PerToken, variance: PerToken, prompt: Classes, *, seed: int = 0
) -> dict[str, float]:
    """Agreement of x with y, where y is the truth plus an error of known `variance`.

    Each of these has a 95 % interval, `*_low` and `*_high`, by bootstrap over prompts:
    `pearson`; `spearman`, Pearson's of the ranks, equal numbers sharing theirs; `sign`, the share
    of equal signs where y is more than two standard errors from 0, an x of 0 counting half; `rmse`;
    `rmse_scaled`, the least that is left after multiplying x by one number, `scale`; `unexplained`,
    the share of y's mean square that is left then; and `slope`, by how much x rises with y.

        unexplained = rmse_scaled^2 / mean(y^2) = 1 - (x.y)^2 / (x.x y.y),      slope = x.y / y.y
        noise = sqrt(mean variance),   reliability = 1 - mean variance / Var(y)
        pearson_corrected = pearson / sqrt(reliability)       (Spearman 1904: attenuation)
        rmse_corrected = sqrt(max(0, rmse^2 - mean variance))
        unexplained_corrected, slope_corrected: with y.y - sum(variance) in the place of y.y

    What is corrected holds if x knows nothing of y's errors. NaN: not defined, as the correlation
    with a constant is.
    """
    found = resampled(x, y, variance, prompt, seed=seed)
    prompts = len(torch.unique(prompt))
    row = {"tokens": float(len(x)), "prompts": float(prompts)}
    ends = interval(torch.stack(list(found.values())), prompts)
    for (name, values), (low, high) in zip(found.items(), ends.tolist(), strict=True):
        row |= {name: float(values[0]), f"{name}_low": low, f"{name}_high": high}
    x, y, noise = x.double(), y.double(), float(variance.double().mean())
    spread = float(y.var(correction=0))
    reliability = 1 - noise / spread if spread > 0 else math.nan
    return row | {
        "scale": float(x @ y / (x @ x)),
        "noise": math.sqrt(noise),
        "reliability": reliability,
        "pearson_corrected": row["pearson"] / reliability**0.5 if reliability > 0 else math.nan,
        "rmse_corrected": math.sqrt(max(0.0, row["rmse"] ** 2 - noise)),
    }


def resampled(
    x: PerToken, y: PerToken, variance: PerToken, prompt: Classes, *, seed: int = 0
) -> dict[str, Resampled]:
    """The statistics of `agreement`: first on the batch, then on RESAMPLES draws of its prompts.

    The same seed draws the same prompts, so that what two estimators make of them is paired.
    """
    columns = _columns(x.double(), y.double(), variance.double())
    place = torch.unique(prompt, return_inverse=True)[1]
    count = int(place.max()) + 1
    table = torch.stack(list(columns.values()), 1)
    per_prompt = table.new_zeros(count, len(columns)).index_add_(0, place, table).cpu()
    sums = dict(zip(columns, (_times(count, seed) @ per_prompt).unbind(1), strict=True))
    return {name: statistic(sums) for name, statistic in _STATISTICS.items()}


def interval(found: Float[Tensor, "*rows resamples"], prompts: int) -> Float[Tensor, "*rows ends"]:
    """The 2.5 and 97.5 % points of all but the first entry; NaN for fewer than 2 prompts."""
    if prompts < 2:
        return found.new_full((*found.shape[:-1], 2), math.nan)
    ends = torch.tensor([0.025, 0.975], dtype=found.dtype)
    return torch.nanquantile(found[..., 1:], ends, dim=-1).movedim(0, -1)


@lru_cache(maxsize=8)
def _times(prompts: int, seed: int) -> Tensor:
    """How often each prompt is in each resample; the first one is the batch itself."""
    draw = torch.Generator().manual_seed(seed)
    chosen = torch.randint(prompts, (RESAMPLES, prompts), generator=draw)
    times = torch.zeros(RESAMPLES, prompts, dtype=torch.float64)
    times.scatter_add_(1, chosen, torch.ones_like(times))
    return torch.cat([torch.ones(1, prompts, dtype=torch.float64), times])


def _columns(x: Tensor, y: Tensor, variance: Tensor) -> Sums:
    """All that the statistics need the sums of."""
    # Correlations are taken around the mean: sums of large squares would drown small spreads.
    cx, cy = x - x.mean(), y - y.mean()
    rx, ry = _ranks(x), _ranks(y)
    sure = (y.abs() > 2 * variance.sqrt()).double()
    return {
        "n": torch.ones_like(x),
        "variance": variance,
        "x": cx,
        "y": cy,
        "xx": cx * cx,
        "yy": cy * cy,
        "xy": cx * cy,
        "rank_x": rx,
        "rank_y": ry,
        "rank_xx": rx * rx,
        "rank_yy": ry * ry,
        "rank_xy": rx * ry,
        "raw_xx": x * x,
        "raw_yy": y * y,
        "raw_xy": x * y,
        "error": (x - y).square(),
        "sure": sure,
        "equal": sure * (1 + x.sign() * y.sign()) / 2,
    }


def _ranks(x: Tensor) -> Tensor:
    """Ranks around 0, in units of the number of entries; equal entries share their mean rank."""
    place, count = torch.unique(x, return_inverse=True, return_counts=True)[1:]
    middle = count.cumsum(0).double() - (count + 1) / 2
    return ((middle[place] - (len(x) - 1) / 2) / len(x)).to(x.dtype)


def _covariance(s: Sums, both: str, a: str, b: str) -> Tensor:
    return s[both] / s["n"] - s[a] / s["n"] * (s[b] / s["n"])


def _correlation(s: Sums, of: str) -> Tensor:
    x, y = f"{of}x", f"{of}y"
    xx, yy = _covariance(s, f"{of}xx", x, x), _covariance(s, f"{of}yy", y, y)
    tiny = 1e-24  # what rounding leaves of the spread of a constant
    found = _covariance(s, f"{of}xy", x, y) / (xx * yy).sqrt()
    return found.where((xx > tiny) & (yy > tiny), math.nan)


def _unexplained(s: Sums, yy: Tensor) -> Tensor:
    left = 1 - s["raw_xy"].square() / (s["raw_xx"].clamp(min=1e-300) * yy)
    return left.clamp(min=0).where(yy > 0, math.nan)


def _slope(s: Sums, yy: Tensor) -> Tensor:
    return (s["raw_xy"] / yy).where(yy > 0, math.nan)


_STATISTICS: dict[str, Callable[[Sums], Tensor]] = {
    "pearson": lambda s: _correlation(s, ""),
    "spearman": lambda s: _correlation(s, "rank_"),
    "sign": lambda s: s["equal"] / s["sure"],
    "rmse": lambda s: (s["error"] / s["n"]).sqrt(),
    "rmse_scaled": lambda s: (_unexplained(s, s["raw_yy"]) * s["raw_yy"] / s["n"]).sqrt(),
    "unexplained": lambda s: _unexplained(s, s["raw_yy"]),
    "unexplained_corrected": lambda s: _unexplained(s, s["raw_yy"] - s["variance"]),
    "slope": lambda s: _slope(s, s["raw_yy"]),
    "slope_corrected": lambda s: _slope(s, s["raw_yy"] - s["variance"]),
}
