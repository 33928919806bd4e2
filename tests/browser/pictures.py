"""Every state of the view as a PNG: `make pictures FOLDER=...`."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser.conftest import ARGUMENTS
from browser.stage import settle, stage
from playwright.sync_api import Page, sync_playwright
from view import made, odd

import explorer
from explorer.ragged import of_group
from explorer.runs import open_run
from explorer.view.show import credited
from explorer.view.wire import pack

NAMES: dict[str, Any] = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
NOTES = {"sae": "reconstruction: Segmental Advantage Estimation"}
NO_HIGHLIGHTS = "delete window.Highlight;"


def chain(
    state: dict[str, Any] | None = None, many: int = 12, seed: int = 0, **options: Any
) -> bytes:
    rollouts = made.batch(seed=seed)
    credits = made.credits(rollouts, many)
    return pack(rollouts, credits, state=state or {}, notes=NOTES, **NAMES, **options)


def strange(state: dict[str, Any] | None = None) -> bytes:
    rollouts = odd.batch()
    return pack(rollouts, odd.credits(rollouts), state=state or {})


def long(state: dict[str, Any] | None = None) -> bytes:
    rollouts = made.batch(prompts=8, samples=8, steps=84)
    return pack(rollouts, made.credits(rollouts), detail=[0, 1], state=state or {}, **NAMES)


def recorded(state: dict[str, Any] | None = None) -> bytes:
    run = open_run(Path(explorer.__file__).parent / "assets" / "recorded")
    step = run.steps()[-1]
    rollouts = of_group(run.rollouts(step), 1)
    names = {"blocks": run.info["blocks"], "outcomes": run.info["outcomes"]}
    return pack(
        rollouts, **credited(rollouts), focus=["bae", "grpo"], step=step, state=state or {}, **names
    )


def point(page: Page, cell: int = 0, x: float = 130, y: float = 16) -> None:
    box = page.locator(".ae-cell").nth(cell).bounding_box()
    assert box
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.wait_for_timeout(350)


def press(*keys: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator(".ae-text").focus()
        for key in keys:
            page.keyboard.press(key)
        settle(page)

    return act


def menu(page: Page) -> None:
    page.locator(".ae-menu summary[aria-label='More settings']").click()


def found(page: Page) -> None:
    press("/")(page)
    page.keyboard.type("answer")
    page.keyboard.press("Enter")
    settle(page)


PINS = [{"sample": 0, "token": 20}, {"sample": 4, "token": 50}]
# name: (payload, what is done to it, options of the browser's context)
STATES: dict[str, tuple[bytes, Callable[[Page], None] | None, dict[str, Any]]] = {
    "two-light": (chain(), None, {}),
    "recorded": (recorded(), lambda page: point(page, 0, 300, 16), {}),
    "recorded-steps": (recorded({"granularity": "sentence", "a": "gae"}), None, {}),
    "two-dark": (chain(), None, {"color_scheme": "dark"}),
    "two-forced": (chain(), None, {"forced_colors": "active"}),
    "hover": (chain(), lambda page: point(page, 0, 300, 90), {}),
    "hover-b": (chain(), lambda page: point(page, 1, 300, 90), {"color_scheme": "dark"}),
    "hover-one": (chain({"split": False}), lambda page: point(page), {}),
    "pinned": (chain({"pins": PINS[:1]}), None, {}),
    "two-pins": (chain({"pins": PINS}), None, {"color_scheme": "dark"}),
    "one-column": (chain({"split": False}), None, {}),
    "one-estimator": (chain(many=1), None, {}),
    "thin-stratum": (chain(seed=1), None, {}),
    "by-step": (chain({"granularity": "step", "a": "gae", "b": "td"}), None, {}),
    "one-scale": (chain({"scope": "all", "a": "gae", "b": "reinforce"}), None, {}),
    "grey": (chain({"palette": "grey", "a": "gae"}), None, {}),
    "time": (chain(step=8, steps=[0, 4, 8, 12]), None, {"color_scheme": "dark"}),
    "odd": (strange(), None, {}),
    "odd-spaces": (strange({"whitespace": True, "segments": True}), None, {"color_scheme": "dark"}),
    "odd-fallback": (strange(), None, {"script": NO_HIGHLIGHTS}),
    "long": (long(), None, {}),
    "menu": (chain(), menu, {}),
    "surprises": (chain(), lambda page: page.locator(".ae-list summary").click(), {}),
    "find": (chain(), found, {}),
    "table": (chain(), press("ArrowRight", "t"), {}),
    "keys": (chain(), press("?"), {"color_scheme": "dark"}),
    "keyboard": (chain(), press("ArrowDown", *["ArrowRight"] * 9), {}),
    "narrow": (chain(), None, {"viewport": {"width": 560, "height": 900}}),
    "error": (b"\x04\x00\x00\x00{}  ", None, {}),
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:] or list(STATES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), headless=True, args=ARGUMENTS
        )
        for name in wanted:
            payload, act, options = STATES[name]
            script = options.pop("script", None)
            context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
            if script:
                context.add_init_script(script)
            page = context.new_page()
            page.on("pageerror", lambda error, name=name: print(f"{name}: {error}"))
            stage(page, payload)
            page.wait_for_timeout(400)
            if act:
                act(page)
            page.screenshot(path=folder / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
