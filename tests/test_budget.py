"""Seconds in, tables out: no more than the share, and no fewer prompts than tell something."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.budget import LEAST, Budget


def test_by_hand():
    # a token takes 1/4 s, a group of 4 tokens 1 s; half of the time is for tables
    budget = Budget(share=0.5, began=100.0)
    assert budget.groups([4] * 8, 200.0) == 0  # what a token takes is not known yet
    budget.book(1.0, 4)
    assert budget.groups([4] * 8, 105.0) == 0  # 1 + 4 of 5 + 4 seconds are more than half
    assert budget.groups([4] * 8, 106.0) == 4  # 1 + 4 of 6 + 4
    assert budget.groups([4] * 8, 108.0) == 6
    assert budget.groups([4] * 8, 200.0) == 8
    budget.book(8.0, 32)
    assert (budget.spent, budget.pace) == (9.0, 0.25)


def test_all_groups_are_enough_if_they_are_few_but_one_is_not():
    budget = Budget(share=0.5, began=0.0)
    budget.book(0.0, 1)
    assert budget.groups([4, 4], 0.0) == 2
    assert budget.groups([4], 0.0) == 0


@given(
    share=st.floats(0.0, 0.9),
    sizes=st.lists(st.integers(1, 50), min_size=2, max_size=10),
    pauses=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=20),
)
def test_the_share_is_kept_if_tables_take_what_was_predicted(share, sizes, pauses):
    budget, now = Budget(share=share, began=0.0), 0.0
    budget.book(0.0, 1)
    budget.pace = 0.125
    for pause in pauses:
        now += pause
        groups = budget.groups(sizes, now)
        assert groups == 0 or groups >= min(LEAST, len(sizes))
        if groups:
            seconds = 0.125 * sum(sizes[:groups])
            now += seconds
            budget.book(seconds, sum(sizes[:groups]))
            assert budget.spent <= share * now * (1 + 1e-9)
