"""How much of the time goes to score tables: an account of seconds, and what a table would cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

LEAST = 4  # prompt groups; an interval from fewer says next to nothing


@dataclass(kw_only=True)
class Budget:
    """Seconds spent on tables since a training began, and how many they may be.

    What a table costs is predicted from the last one, by the token: the first has to be timed on a
    small part. Clock readings come in, so that an account can be checked without a clock.
    """

    share: float  # of all seconds, those of the tables included
    began: float
    spent: float = field(default=0.0, init=False)
    pace: float | None = field(default=None, init=False)  # seconds a token

    def book(self, seconds: float, tokens: int) -> None:
        """A table of so many tokens took so long."""
        self.spent += seconds
        self.pace = seconds / max(tokens, 1)

    def groups(self, tokens: Sequence[int], now: float) -> int:
        """How many of the first prompt groups, `tokens` long each, can be afforded now.

        As many as keep spent / elapsed within the share, the table itself counted in both; 0 if
        these are fewer than `LEAST` and not all, or if there is one group only.
        """
        if self.pace is None or len(tokens) < 2:
            return 0
        costs = [self.pace * size for size in accumulate(tokens)]
        within = [self.spent + c <= self.share * (now - self.began + c) for c in costs]
        most = sum(within)
        return most if most >= min(LEAST, len(tokens)) else 0
