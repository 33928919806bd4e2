"""Learning curves show the steps that have the quantity."""

from explorer.figures.learning import learning


def test_steps_that_lack_the_quantity_are_left_out():
    runs = {"one": [{"step": 1, "brier": 0.5}, {"step": 2, "brier": None}, {"step": 3}], "two": []}
    lines = learning(runs, "brier", "Brier score").data
    assert [(line.name, list(line.x), list(line.y)) for line in lines] == [
        ("one", [1], [0.5]),
        ("two", [], []),
    ]
