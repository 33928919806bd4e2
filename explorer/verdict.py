"""The policy's verdict on its own answer, read off one token after it. LaSeR, arXiv:2510.14943.

    u = beta (log pi(z | prompt, completion) - c)

z is a token that is never said there, c the mean of its log-probability before any training: u is
about 1 where the policy says right, about 0 where it says wrong. Read at temperature 1.
"""

import torch
from torch import Tensor, nn

from explorer import ragged
from explorer.catalog import NotMeasured
from explorer.learn import parts as whole_prompts
from explorer.policy import Policy
from explorer.rows import parts, rows
from explorer.types import Finished, PerSample, Rollouts

BETA = 0.1
REFERENCE = -23.0  # nats; c of the paper's models
WEIGHT = 0.1  # of the verdict's loss beside the policy's


class Verdict(nn.Module):
    """Which token z is, and what its log-probability was before training.

    A tiny vocabulary has no token as improbable as the paper's, and u = 1 would be out of reach:
    `offset` is added to the logit of z where the verdict is read, so that c is about -23 nats.
    """

    token: Tensor
    offset: Tensor
    reference: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("token", torch.tensor(-1))  # -1: not calibrated
        self.register_buffer("offset", torch.zeros(()))
        self.register_buffer("reference", torch.zeros(()))

    @torch.no_grad()
    def calibrate(self, policy: Policy, rollouts: Rollouts, *, micro: int = 8192) -> None:
        """Take as z what is least likely after the end, and measure c there.

        Measured on the completions that ended by themselves, on all if none did.
        """
        ended = _finished(rollouts)
        known = ragged.select(rollouts, ended) if bool(ended.any()) else rollouts
        each = (ragged.select(known, keep) for keep in whole_prompts(known, micro))
        logits = torch.cat([_after(policy, part) for part in each])
        said = logits.log_softmax(-1).mean(0)
        self.token.copy_(said.argmin())
        self.offset.copy_((REFERENCE - said.min()).clamp(max=0))
        self.reference.copy_(self._logprob(logits).mean())

    @torch.no_grad()
    def read(self, policy: Policy, rollouts: Rollouts, *, micro: int = 8192) -> PerSample:
        """u of each completion; one that was cut off is read where it was cut."""
        found = torch.empty_like(rollouts.rewards)
        for keep in whole_prompts(rollouts, micro):
            found[keep] = self._verdict(policy, ragged.select(rollouts, keep)).to(found)
        return found

    def pull(self, policy: Policy, rollouts: Rollouts, *, micro: int = 8192) -> None:
        """Add the gradient of the verdict's loss to the policy's.

            0.1 mean_i w_i (u_i - c_i)^2,   w = (N_1 + N_0) / (2 N_c)

        c_i says whether the answer is right, N_1 and N_0 count the right and the wrong ones.
        Completions that were cut off add nothing.
        """
        ended = ragged.select(rollouts, _finished(rollouts))
        if not len(ended.rewards):
            return
        weights = balanced(_correct(ended)) * WEIGHT / len(rollouts.rewards)
        for keep in whole_prompts(ended, micro):
            part = ragged.select(ended, keep)
            error = self._verdict(policy, part) - _correct(part)
            (weights[keep] * error.square()).sum().backward()

    def _verdict(self, policy: Policy, rollouts: Rollouts) -> Tensor:
        return BETA * (self._logprob(_after(policy, rollouts)) - self.reference)

    def _logprob(self, logits: Tensor) -> Tensor:
        """log pi(z) of each completion, with its logit moved by the offset."""
        here = nn.functional.one_hot(self.token, logits.shape[1]).to(logits)
        return (logits + self.offset * here).log_softmax(-1)[:, self.token]


def balanced(correct: PerSample) -> PerSample:
    """Weights under which right and wrong answers count alike; all the same if one kind lacks."""
    right = correct.sum()
    own = torch.where(correct > 0, right, len(correct) - right)
    return len(correct) / (2 * own)


def _after(policy: Policy, rollouts: Rollouts) -> Tensor:
    """Logits of the token that would follow each completion: [samples, vocabulary]."""
    read = rows(*parts(rollouts.to(policy.device)))
    logits = policy.model(
        input_ids=read.ids,
        attention_mask=read.real.long(),
        position_ids=read.place,
        use_cache=False,
    ).logits
    last = read.real.sum(1) - 1
    return logits[torch.arange(len(last), device=last.device), last].float()


def _finished(rollouts: Rollouts) -> Finished:
    if rollouts.finished is None:
        raise NotMeasured("a verdict reads 'finished', which these rollouts lack")
    return rollouts.finished


def _correct(rollouts: Rollouts) -> PerSample:
    if rollouts.correct is None:
        raise NotMeasured("a verdict reads 'correct', which these rollouts lack")
    return rollouts.correct.to(rollouts.rewards)
