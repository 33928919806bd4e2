"""From characters to tokens: which token opens the text that follows a match.

A token that holds characters of two segments belongs to the later one.
"""

import re
from itertools import accumulate, pairwise

import torch

from explorer import peers
from explorer.types import SampleOfToken, Starts


def starts_after(pattern: re.Pattern[str], pieces: list[str], sample: SampleOfToken) -> Starts:
    """True where the text after a match of `pattern` begins, and at the start of each sample.

    The text of a sample is its pieces joined, so that a match may lie across tokens. A match of
    no width cuts where it stands.
    """
    begins = peers.starts(sample)
    first = [*torch.nonzero(begins).flatten().tolist(), len(pieces)]
    ends = list(accumulate(map(len, pieces), initial=0))
    cuts = []
    for here, stop in pairwise(first):
        text = "".join(pieces[here:stop])
        cuts += [ends[here] + match.end() for match in pattern.finditer(text)]
    # The token that holds character c is the first one that ends after c.
    holder = torch.searchsorted(torch.tensor(ends[1:]), torch.tensor(cuts).long(), right=True)
    begins[holder[holder < len(pieces)].to(sample.device)] = True
    return begins
