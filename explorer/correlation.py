"""How well one number a token agrees with a noisy reference: statistics and their intervals.

All are functions of sums over prompts, so that a bootstrap over prompts is one matrix product.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from explorer.types import Classes, PerToken

RESAMPLES = 500
Sums = dict[str, Tensor]


def agreement(
    x: PerToken, y: PerToken, variance: PerToken, prompt: Classes, *, seed: int = 0
) -> dict[str, float]:
    """Agreement of x with y, where y is the truth plus an error of known `variance`.

    Each of these has a 95 % interval, `*_low` and `*_high`, by bootstrap over prompts:
    `pearson`; `spearman`, Pearson's of the ranks, equal numbers sharing theirs; `sign`, the share
    of equal signs where y is more than two standard errors from 0, an x of 0 counting half; `rmse`;
    and `rmse_scaled`, the least that is left after multiplying x by one number, `scale`.

        noise = sqrt(mean variance),   reliability = 1 - mean variance / Var(y)
        pearson_corrected = pearson / sqrt(reliability)       (Spearman 1904: attenuation)
        rmse_corrected = sqrt(max(0, rmse^2 - mean variance))

    The last two hold if x knows nothing of y's errors. NaN: not defined, as the correlation with a
    constant is.
    """
    sums = _sums(x.double(), y.double(), variance.double(), prompt)
    prompts = len(sums["n"])
    draw = torch.Generator().manual_seed(seed)
    chosen = torch.randint(prompts, (RESAMPLES, prompts), generator=draw)
    times = torch.zeros(RESAMPLES, prompts, dtype=torch.float64)
    times.scatter_add_(1, chosen, torch.ones_like(times))
    whole = {name: column.sum(0, keepdim=True) for name, column in sums.items()}
    resampled = {name: times @ column for name, column in sums.items()}
    row = {"tokens": float(len(x)), "prompts": float(prompts)}
    for name, statistic in _STATISTICS.items():
        row[name] = float(statistic(whole))
        row[f"{name}_low"], row[f"{name}_high"] = _interval(statistic(resampled), prompts)
    noise = float(whole["variance"] / whole["n"])
    spread = float(_covariance(whole, "yy", "y", "y"))
    reliability = 1 - noise / spread if spread > 0 else math.nan
    return row | {
        "scale": float(whole["raw_xy"] / whole["raw_xx"]),
        "noise": math.sqrt(noise),
        "reliability": reliability,
        "pearson_corrected": row["pearson"] / reliability**0.5 if reliability > 0 else math.nan,
        "rmse_corrected": math.sqrt(max(0.0, row["rmse"] ** 2 - noise)),
    }


def _sums(x: Tensor, y: Tensor, variance: Tensor, prompt: Tensor) -> Sums:
    """Sums over each prompt's tokens of all that the statistics need."""
    # Correlations are taken around the mean: sums of large squares would drown small spreads.
    cx, cy = x - x.mean(), y - y.mean()
    rx, ry = _ranks(x), _ranks(y)
    sure = (y.abs() > 2 * variance.sqrt()).double()
    columns = {
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
    place = torch.unique(prompt, return_inverse=True)[1]
    count = int(place.max()) + 1
    empty = x.new_zeros(count)
    return {name: empty.index_add(0, place, column).cpu() for name, column in columns.items()}


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


_STATISTICS: dict[str, Callable[[Sums], Tensor]] = {
    "pearson": lambda s: _correlation(s, ""),
    "spearman": lambda s: _correlation(s, "rank_"),
    "sign": lambda s: s["equal"] / s["sure"],
    "rmse": lambda s: (s["error"] / s["n"]).sqrt(),
    "rmse_scaled": lambda s: (
        ((s["raw_yy"] - s["raw_xy"].square() / s["raw_xx"].clamp(min=1e-300)) / s["n"])
        .clamp(min=0)
        .sqrt()
    ),
}


def _interval(found: Tensor, prompts: int) -> tuple[float, float]:
    if prompts < 2 or bool(found.isnan().all()):
        return math.nan, math.nan
    low, high = torch.nanquantile(found, torch.tensor([0.025, 0.975]).double()).tolist()
    return low, high
