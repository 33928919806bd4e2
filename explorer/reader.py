"""A small recurrent network that reads completions, for predictors that are trained on rewards.

It is told how sure the policy was of each token. One that reads the text alone would have to learn
the policy's arithmetic before it saw a slip; a token sampled against the odds says it at once.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from explorer.catalog import HOW_TO_MEASURE, NotMeasured
from explorer.rows import parts, rows
from explorer.types import Rollouts

EMBEDDED = 32
HIDDEN = 64

Said = Float[Tensor, "tokens says"]


class Reader(nn.Module):
    """Numbers before every token, from the prompt and the tokens before it.

    h_t = GRU(h_{t-1}, token, its log-probability, its entropy). What it says before token t
    has seen the tokens up to t - 1. A new one says 0 everywhere.
    """

    def __init__(self, vocabulary: int, says: int, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embedding = nn.Embedding(vocabulary, EMBEDDED)
            self.recurrent = nn.GRU(EMBEDDED + 2, HIDDEN, batch_first=True)
            self.head = nn.Linear(HIDDEN, says)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, rollouts: Rollouts) -> Said:
        """One row of numbers a token.

        Raises:
            NotMeasured: the rollouts lack the policy's log-probabilities or entropies.
        """
        if rollouts.old_logprobs is None or rollouts.entropy is None:
            raise NotMeasured(
                "a reader reads 'old_logprobs' and 'entropy', which these rollouts lack; "
                + HOW_TO_MEASURE["entropy"]
            )
        read = rows(*parts(rollouts))
        sure = [read.spread(rollouts.old_logprobs), read.spread(rollouts.entropy)]
        entered = torch.cat([self.embedding(read.ids), torch.stack(sure, -1)], -1)
        return read.before(self.head(self.recurrent(entered)[0]))
