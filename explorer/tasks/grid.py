"""A walk on a small grid with walls, one move a turn: states repeat, within a walk and among walks.

    1,1>2,3#2,1:  ->  <move>S</move>  <see>1,2</see>  <move>S</move> ...

From 1,1 to 2,3; a wall stands at 2,1. What is seen is written by the world, not by the policy.
"""

import random
import re
from collections import deque
from itertools import islice, pairwise
from typing import Annotated

from explorer.knobs import Slider
from explorer.task import Judgement, Problem, Task, World

Place = tuple[int, int]

_WAYS = {"E": (1, 0), "N": (0, -1), "S": (0, 1), "W": (-1, 0)}
_MOVE = re.compile(r"<move>([ENSW])</move>")
_PLACE = re.compile(r"([0-9]),([0-9])")


def grid(
    *,
    size: Annotated[int, Slider(2, 5, 1, at_least=2, at_most=9)] = 3,
    walls: Annotated[int, Slider(0, 4, 1, at_least=0, at_most=20)] = 2,
    turns: Annotated[int, Slider(2, 16, 1, at_least=1, at_most=64)] = 8,
) -> Task:
    """Walk to the goal; 1 for arriving in time, nothing on the way.

    A move into a wall or over the edge leaves the walker where it is. Each move is a step, together
    with what is seen after it. Its state is the place it starts from, and its two parts say whether
    it moved at all and whether it came closer to the goal. Moves after the goal, or beyond `turns`,
    do not count; a turn without a move is lost.

    Args:
        size: places in a row; large grids have long ways.
        walls: places that can not be entered; they never shut off the goal.
        turns: moves in a walk; 1 allows only neighbours, many allow any detour.
    """

    def problems(seed: int, n: int) -> list[Problem]:
        dice = random.Random(seed)
        drawn = (_problem(dice, size, walls) for _ in iter(int, 1))
        return list(islice((p for p in drawn if p and len(_way(p, size)) <= turns), n))

    def gold(problem: Problem) -> list[str]:
        return [f"<move>{move}</move>" for move in _way(problem, size)]

    def told(problem: Problem) -> str:
        text = ""
        for turn in gold(problem):
            text += turn + (reply(problem, text + turn) or "")
        return text

    def walk(problem: Problem, text: str) -> list[tuple[re.Match, Place, Place]]:
        """Each move that counts, where it begins and where it ends."""
        here, goal, shut = _read(problem)
        moves = []
        for move in islice(_MOVE.finditer(text), turns):
            before, here = here, _after(here, move[1], size, shut)
            moves.append((move, before, here))
            if here == goal:
                break
        return moves

    def reply(problem: Problem, text: str) -> str | None:
        start, goal, _ = _read(problem)
        here = ([start] + [after for _, _, after in walk(problem, text)])[-1]
        return None if here == goal else f"<see>{here[0]},{here[1]}</see>"

    def judge(problem: Problem, text: str) -> Judgement:
        start, goal, shut = _read(problem)
        far = _distances(goal, size, shut)
        moves = walk(problem, text)
        # A step lasts as long as what is seen after its move; the last one, to the end.
        ends = [_seen(text, a.end(), b.start()) for (a, *_), (b, *_) in pairwise(moves)]
        arrived = bool(moves) and moves[-1][2] == goal
        return Judgement(
            reward=float(arrived),
            block_starts=(),
            block_rewards=(),
            outcomes=(),
            step_ends=(*ends, len(text)),
            step_rewards=tuple(
                (float(before != after), float(far[after] < far[before]))
                for _, before, after in moves
            )
            or ((0.0, 0.0),),
            step_states=tuple(_number(before) for _, before, _ in moves) or (_number(start),),
            correct=arrived,
        )

    return Task(
        name="grid",
        blocks=(),
        outcomes=(),
        parts=("moved", "closer"),
        problems=problems,
        gold=told,
        judge=judge,
        world=World(turns=turns, reply=reply, gold=gold),
    )


def _problem(dice: random.Random, size: int, walls: int) -> Problem | None:
    """Random start, goal and walls; None if no way leads from one to the other."""
    places = [(x, y) for x in range(1, size + 1) for y in range(1, size + 1)]
    start, goal, *shut = dice.sample(places, min(walls + 2, len(places)))
    if start not in _distances(goal, size, shut):
        return None
    written = "".join(f"#{x},{y}" for x, y in sorted(shut))
    return Problem(f"{start[0]},{start[1]}>{goal[0]},{goal[1]}{written}:", f"{goal[0]},{goal[1]}")


def _read(problem: Problem) -> tuple[Place, Place, list[Place]]:
    start, goal, *shut = [(int(x), int(y)) for x, y in _PLACE.findall(problem.prompt)]
    return start, goal, shut


def _after(here: Place, move: str, size: int, shut: list[Place]) -> Place:
    there = here[0] + _WAYS[move][0], here[1] + _WAYS[move][1]
    inside = all(1 <= coordinate <= size for coordinate in there)
    return there if inside and there not in shut else here


def _distances(goal: Place, size: int, shut: list[Place]) -> dict[Place, int]:
    """Moves from each place to the goal; places without a way are absent."""
    far, border = {goal: 0}, deque([goal])
    while border:
        here = border.popleft()
        for move in _WAYS:
            there = _after(here, move, size, shut)
            if there not in far:
                far[there] = far[here] + 1
                border.append(there)
    return far


def _way(problem: Problem, size: int) -> list[str]:
    """A shortest way: the first move, in alphabetical order, that comes closer."""
    here, goal, shut = _read(problem)
    far = _distances(goal, size, shut)
    moves = []
    while here != goal:
        move = next(m for m in _WAYS if far[_after(here, m, size, shut)] < far[here])
        moves.append(move)
        here = _after(here, move, size, shut)
    return moves


def _seen(text: str, start: int, stop: int) -> int:
    """Where what is seen between two moves ends."""
    at = text.rfind("</see>", start, stop)
    return at + len("</see>") if at >= 0 else start


def _number(place: Place) -> int:
    return 10 * place[0] + place[1]
