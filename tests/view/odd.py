"""A batch whose text is hard to show: scripts, signs, bytes, and what looks like HTML."""

import torch

from explorer.types import Credit, Rollouts

ROWS = [
    [
        "<|im_start|>",
        "先",
        "算",
        "七",
        "加",
        "十",
        "五",
        "等于",
        "二十二",
        "，",
        "再",
        "减",
        "四",
        "。",
        "<|im_end|>",
    ],
    [
        "النتيجة",
        " هي",
        " ثمانية",
        " عشر",
        "،",
        " لأن",
        " 7+15",
        "=22",
        " ثم",
        " 22-4",
        "=18",
        "<eos>",
    ],
    ["नम", "स्", "ते", ": ", "उत्", "तर", " अठा", "रह", " है", "।", "<eos>"],
    [
        "So ",
        "👩",
        "\u200d",
        "🚀",
        " and ",
        "",
        "",
        "",
        "🤔",
        " and ",
        "e",
        "\u0301",
        "!",
        "\n",
        "\n",
        "\tdone",
        "<eos>",
    ],
    [
        "<b>",
        "bold",
        "</b>",
        "<script>",
        "alert(1)",
        "</script>",
        " &amp; ",
        "\u202e",
        "abc",
        "\u0000",
        "\r\n",
        "end",
    ],
    ["Let", " me", " think", ".", " The", " answer", " is", " not", " 18", " but", " 17", "."] * 24,
]


def batch() -> Rollouts:
    """Six completions of two prompts; the last is long, and some tokens were not sampled."""
    vocabulary = {p: i for i, p in enumerate(sorted({p for row in ROWS for p in row}))}
    return Rollouts.from_lists(
        tokens=[[vocabulary[p] for p in row] for row in ROWS],
        mask=[[not 3 <= k < 6 for k, _ in enumerate(row)] for row in ROWS],
        rewards=[1.0, 0.0, 1.0, 0.0, 1.0, 0.5],
        group=[0, 0, 0, 1, 1, 1],
        finished=[True, True, True, True, True, False],
        pieces=ROWS,
        prompts=["7+15-4 = ?", "بكم؟"],
    )


def credits(rollouts: Rollouts) -> dict[str, Credit]:
    """Two that differ from token to token, one with a heavy tail."""
    noise = torch.Generator().manual_seed(1)
    n = len(rollouts.tokens)
    zero = torch.zeros(n)
    smooth = torch.sin(torch.arange(n) / 3.0)
    heavy = torch.randn(n, generator=noise) ** 3
    return {
        "smooth": Credit(target=smooth * rollouts.mask, baseline=zero),
        "heavy": Credit(target=heavy * rollouts.mask, baseline=zero),
    }
