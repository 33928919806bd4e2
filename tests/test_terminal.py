"""A group printed: strata, completions, and nothing of the token text obeyed."""

import pytest
import torch
from rich.console import Console

from explorer import catalog
from explorer.terminal import limit, liveliest, show
from explorer.types import Credit, Rollouts

ROLLOUTS = Rollouts.from_lists(
    tokens=[[1], [1, 2, 3], [1, 2], [4, 5]],
    pieces=[["x"], ["7+1=8", ";\n", "8"], ["\x1b[31m", "[bold]"], ["tool", "9"]],
    mask=[[True], [True, True, True], [True, True], [False, True]],
    block=[[0], [0, 0, 1], [0, 1], [0, 1]],
    rewards=[0.0, 1.5, -0.25, 0.5],
    block_rewards=[[0, 0], [1, 0.5], [0, -0.25], [1, -0.5]],
    outcomes=[[0, 0], [0, 1], [0, 0], [0, 1]],
    finished=[True, True, False, True],
    group=[0, 1, 1, 1],
    prompts=["?", "7+1=\x1b[2J"],
)
ADVANTAGE = torch.tensor([9.0, 1.0, 0.0, -2.0, -1.0, 0.5, 4.0, -0.5])


def credits():
    own = Credit(target=ADVANTAGE, baseline=torch.zeros(8))
    return {"grpo": catalog.run(catalog.load("estimators", "grpo"), ROLLOUTS), "own": own}


def lines(**settings):
    return [str(line) for line in show(ROLLOUTS, credits(), group=1, **settings)]


def test_one_line_for_each_estimator_under_each_other():
    text = lines()
    at = text.index("grpo 7+1=8;↵")
    assert text[at : at + 4] == ["grpo 7+1=8;↵", "     8", "own  7+1=8;↵", "     8"]


def test_strata_come_with_their_size_mean_reward_and_baseline():
    wrong, right = (line for line in lines(outcomes=("wrong", "right")) if "outcome" in line)
    assert "outcome wrong  n = 1  mean reward of the last block -0.25" in wrong
    assert "outcome right  n = 2  mean reward of the last block +0  " in right
    assert right.endswith("baseline: grpo +0.583, own +0")


def test_outcomes_without_names_are_numbered():
    assert [line.split()[1] for line in lines() if "outcome" in line] == ["0", "1"]


def test_without_blocks_there_is_one_stratum():
    bare = Rollouts.from_lists(tokens=[[1], [2]], rewards=[0.0, 1.0], group=[0, 0])
    text = [str(line) for line in show(bare, {}, group=0)]
    assert text[1] == "n = 2  mean reward +0.5"


def test_a_sample_that_was_cut_off_says_so():
    assert [line for line in lines() if "cut off" in line] == [
        "sample 1  reward -0.25  blocks +0 -0.25  cut off"
    ]


def test_signs_stand_under_the_text_where_there_are_no_colours():
    text = lines(colours=None)
    at = text.index("own  ␛[31m[bold]")
    assert text[at + 1] == "     -----++++++"
    at = text.index("own  tool9")
    assert text[at + 1] == "     ····-"


def test_hostile_text_is_shown_and_not_obeyed():
    console = Console(width=100, force_terminal=True, color_system="truecolor")
    with console.capture() as capture:
        for line in show(ROLLOUTS, credits(), group=1):
            console.print(line)
    out = capture.get()
    assert "\x1b[31m" not in out and "\x1b[2J" not in out
    assert "␛[31m" in out and "[bold]" in out and "7+1=␛[2J" in out


def test_lines_fit_the_width():
    tokens = [line for line in lines(width=14)[:-2] if line.startswith(("own", "grpo", " "))]
    assert max(map(len, tokens)) == 14


def test_some_of_each_stratum():
    shown = [line.split()[1] for line in lines(samples=1) if line.startswith("sample")]
    assert shown == ["1", "0"]


def test_the_liveliest_group_is_the_one_whose_rewards_differ_most():
    assert liveliest(ROLLOUTS) == 1


def test_the_limit_leaves_out_the_largest_hundredth():
    assert limit(torch.tensor([0.0, -2.0, 2.0, torch.nan])) == 2.0
    assert limit(torch.cat([torch.ones(999), torch.tensor([50.0])])) == 1.0
    assert limit(torch.zeros(3)) == 1.0


def test_another_group_does_not_set_the_limit():
    legend = next(line for line in reversed(lines()) if line.startswith("own"))
    assert "+9" not in legend


@pytest.mark.parametrize("group", [-1, 2])
def test_a_group_that_is_not_there(group):
    with pytest.raises(ValueError, match=f"no group {group}; the rollouts have groups 0 to 1"):
        list(show(ROLLOUTS, {}, group=group))
