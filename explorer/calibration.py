"""How far stated confidences are from how often they are right (sec. 5.2 of arXiv:2602.10231)."""

from explorer.types import PerSample


def brier(confidence: PerSample, correct: PerSample) -> float:
    """Mean of (q - c)^2 over the samples that state a confidence; NaN if none does.

    0.25 is what a constant one half earns; 0 is perfect. NaN in `confidence`: not stated.
    """
    stated = ~confidence.isnan()
    return (confidence - correct)[stated].square().mean().item()


def ece(confidence: PerSample, correct: PerSample) -> float:
    """Expected calibration error: |accuracy - mean confidence| of a bin, weighted by its size.

    The paper's 11 bins: [0, 0.1), ..., [0.9, 1), and 1 by itself. NaN if no confidence is stated.
    """
    stated = ~confidence.isnan()
    if not bool(stated.any()):
        return float("nan")
    gap = (correct - confidence)[stated]
    # The nudge keeps 0.3 in the bin that begins at 0.3, although 0.3 * 10 may fall short of 3.
    bins = (confidence[stated] * 10 + 1e-4).long()
    sums = gap.new_zeros(11).index_add_(0, bins, gap)
    return (sums.abs().sum() / len(gap)).item()
