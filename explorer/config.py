"""What a run is trained with: the leaves, their settings, and the settings of the trainer."""

import dataclasses
from dataclasses import KW_ONLY, dataclass, field
from importlib.metadata import version
from typing import Annotated, Any, Literal

from explorer import catalog, knobs
from explorer.knobs import Slider
from explorer.task import Task

STEPS = 1_000_000  # the most; after them the problems of one seed would be those of the next
# Fields that are measured on the completions as they are, and leave what is learnt alone.
EXTRA = {"anchor", "greedy_reward", "importance", "values", "zip_values"}
AGGREGATION = {  # of the estimator's paper; elsewhere every token weighs the same
    "bae": "block_mean",
    "dr_grpo": "constant_length",
    "grpo": "sequence_mean",
    "rloo": "sequence_sum",
    "sentence_grpo": "segment_mean",
    "spo_chain": "probability_mask",
    "spo_tree": "probability_mask",
}


@dataclass(frozen=True)
class Config:
    """What to train, with which leaves, and the settings of the trainer itself.

    `policy` is a model folder, or "shipped". `segmenter` and `aggregation` "auto" take what the
    paper of the estimator takes; where it is silent, every token weighs the same.

    Args:
        steps: updates; more of them take longer and learn more.
        prompts: prompts a step; more make steps slower and gradients less noisy.
        samples: completions of each prompt; more make the mean of its group a better baseline.
        lr: of AdamW; small ones learn slowly, large ones ruin the policy within a few steps.
        warmup: steps until the learning rate is reached; 0 begins with it.
        updates: updates with the same rollouts; with 1 nothing is ever clipped.
        max_grad_norm: longer gradients are cut to this length; small ones slow rare large steps.
        kl: weight of the distance to the starting policy; 0 neither measures nor punishes it.
        temperature: of sampling; below 1 it is timid, above 1 bold.
        max_new_tokens: a longer completion is cut off, unfinished.
        continuations: from each state, where the estimator reads true values; more are slower and
            closer to the truth.
        anchor: what the past lets expect, where the estimator reads it: window is the mean of the
            last batches with this one, belief and ema move slowly and end before it.
        importance: of tokens, where the estimator reads it: by gradient in three passes, or by
            perturbation, hiding one token at a time, in as many as a completion has tokens.
        critic: on trains and records values even if the estimator reads none.
        record: other fields to record although the estimator does not read them, such as
            zip_values,importance; more of them let more estimators be compared on one run.
        critic_lr: of the predictors' own AdamW (the critic's and ZIP-RC's); they must be right
            before their estimators can be.
        seed: another one draws other problems and other completions.
        micro: tokens in one backward pass, padding included; small ones need less memory.
        keep_rollouts_every: steps between those whose rollouts stay; 1 keeps all.
        keep_last: rollouts of so many last steps stay too, for whoever watches.
        checkpoint_every: steps between checkpoints; one is always left at the end.
        keep_checkpoints: on keeps them all, so that `explorer truth` can value the states of those
            steps later; off only the last.
        score_share: of the run's time, for score tables, from which the noise of any estimator at
            any setting is read afterwards; 0 makes none, more covers more steps and prompts.
        score_width: numbers kept of each token's gradient; more are larger and more exact.
        score_metric: plain weighs all parameters alike, adam each by the length of Adam's step.
        variance_every: steps between measurements of every estimator's gradient noise; 0 never.
    """

    estimator: str = "bae"
    task: str = "chain"
    policy: str = "shipped"
    objective: str = "ppo_clip"
    aggregation: str = "auto"
    segmenter: str = "auto"
    device: str = "auto"
    engine: str = "transformers"
    task_settings: dict[str, Any] = field(default_factory=dict)
    estimator_settings: dict[str, Any] = field(default_factory=dict)
    objective_settings: dict[str, Any] = field(default_factory=dict)
    aggregation_settings: dict[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    steps: Annotated[int, Slider(10, 500, 10, at_least=1, at_most=STEPS)] = 100
    prompts: Annotated[int, Slider(1, 64, 1, at_least=1)] = 16
    samples: Annotated[int, Slider(2, 64, 1, at_least=1)] = 16
    lr: Annotated[float, Slider(1e-5, 2e-3, 1e-5, at_least=0.0)] = 3e-4
    warmup: Annotated[int, Slider(0, 50, 1, at_least=0)] = 10
    updates: Annotated[int, Slider(1, 8, 1, at_least=1)] = 1
    max_grad_norm: Annotated[float, Slider(0.1, 10.0, 0.1, at_least=1e-6)] = 1.0
    kl: Annotated[float, Slider(0.0, 0.5, 0.01, at_least=0.0)] = 0.0
    temperature: Annotated[float, Slider(0.1, 2.0, 0.05, at_least=0.01)] = 1.0
    max_new_tokens: Annotated[int, Slider(16, 256, 1, at_least=1)] = 80
    continuations: Annotated[int, Slider(2, 32, 1, at_least=2)] = 4
    anchor: Literal["window", "belief", "ema"] = "window"
    importance: Literal["gradient", "perturbation"] = "gradient"
    critic: bool = False
    record: str = ""
    critic_lr: Annotated[float, Slider(1e-4, 1e-1, 1e-4, at_least=0.0)] = 3e-3
    seed: Annotated[int, Slider(0, 100, 1, at_least=0)] = 0
    micro: Annotated[int, Slider(1024, 65536, 1024, at_least=1)] = 32768
    keep_rollouts_every: Annotated[int, Slider(1, 100, 1, at_least=1)] = 10
    keep_last: Annotated[int, Slider(1, 20, 1, at_least=1)] = 5
    checkpoint_every: Annotated[int, Slider(1, 200, 1, at_least=1)] = 50
    keep_checkpoints: bool = False
    score_share: Annotated[float, Slider(0.0, 0.5, 0.01, at_least=0.0, at_most=0.9)] = 0.1
    score_width: Annotated[int, Slider(32, 512, 32, at_least=1)] = 128
    score_metric: Literal["plain", "adam"] = "plain"
    variance_every: Annotated[int, Slider(0, 50, 1, at_least=0)] = 0

    def __post_init__(self) -> None:
        for knob in knobs.knobs(Config):
            knob.check(getattr(self, knob.name))
        for kind, name, settings in self._leaves():
            cut = self.cut if kind == "estimators" else None
            catalog.check(catalog.load(kind, name), settings, cut)
        reads = catalog.reads(catalog.load("estimators", self.estimator), self.cut)
        if unknown := sorted(self.extra - EXTRA):
            raise ValueError(
                f"record has no {unknown[0]!r}; it takes some of {', '.join(sorted(EXTRA))}"
            )
        if "logged_advantages" in reads:
            raise ValueError(
                f"{self.estimator} repeats the advantages that a trainer wrote, and none has; "
                "take an estimator of its own, such as bae"
            )
        if self.samples == 1 and "group" in reads:
            raise ValueError(
                f"{self.estimator} compares completions of one prompt, and one has nothing to "
                "compare; take 2 samples or more, or an estimator with a critic, such as gae"
            )

    @property
    def cut(self) -> str | None:
        """The segmenter in place of the estimator's own."""
        return None if self.segmenter == "auto" else self.segmenter

    @property
    def extra(self) -> set[str]:
        """The fields that are recorded although the estimator may not read them."""
        named = {name.strip() for name in self.record.split(",")} - {""}
        return named | {"values"} if self.critic else named

    @property
    def normaliser(self) -> tuple[str, dict[str, Any]]:
        """The aggregation that is used, and its settings."""
        name = self.aggregation
        if name == "auto":
            name = AGGREGATION.get(self.estimator, "token_mean")
        # The authors' code takes the longest completion that is allowed.
        longest = {"length": self.max_new_tokens} if name == "constant_length" else {}
        return name, longest | self.aggregation_settings

    def make_task(self) -> Task:
        """The task with its settings."""
        return catalog.load("tasks", self.task)(**self.task_settings)

    def _leaves(self) -> list[tuple[catalog.Kind, str, dict[str, Any]]]:
        return [
            ("estimators", self.estimator, self.estimator_settings),
            ("tasks", self.task, self.task_settings),
            ("objectives", self.objective, self.objective_settings),
            ("aggregations", *self.normaliser),
            ("engines", self.engine, {}),
        ]


def describe(config: Config) -> dict[str, Any]:
    """What `run.json` says of a run with this config."""
    task = config.make_task()
    settings = "".join(f":{name}={value}" for name, value in config.estimator_settings.items())
    return {
        "trainer": f"advantage-explorer {version('advantage-explorer')}",
        "task": task.name,
        "blocks": task.blocks,
        "outcomes": task.outcomes,
        "parts": task.parts,
        "policy": config.policy,
        "estimator": config.estimator + settings,
        "aggregation": config.normaliser[0],
        "seed": config.seed,
        "config": dataclasses.asdict(config),
        "versions": {name: version(name) for name in ("torch", "transformers", "pyarrow")},
    }
