"""What does the token view cost, beside a span for every token and beside JSON?

    python benchmarks/view.py [--repeats 20]
    python benchmarks/view.py --largest

One batch: 64 completions of 1,000 tokens under 12 estimators of many kinds. Peers, in the same
run: JSON with the advantages as numbers; a page in which every token of every completion is a span
whose class is its colour, for one estimator alone. `--largest` is 512 x 4,000 x 20 and what it
takes to switch there. Times are of the thread (scripts, style and layout), not of the wall, so
that other work on the machine counts for little; medians. Needs Chromium.
"""

import argparse
import base64
import dataclasses
import json
import shutil
import statistics
import time
from collections.abc import Callable

import torch
from playwright.sync_api import Page, sync_playwright

from explorer import peers
from explorer.types import Credit, Rollouts
from explorer.view.bundle import inline, styles
from explorer.view.wire import pack

SAMPLES, LENGTH = 64, 1000
LARGEST = (512, 4000, 20)
SWITCHES = [  # label of a control, its value
    ("Estimator A", "32"),
    ("Estimator A", "01"),
    ("Scale of", "all"),
    ("Scale of", "completion"),
    ("Scale of", "estimator"),
    ("Credit for each", "step"),
    ("Scale of", "all"),
    ("Credit for each", "own"),
    ("Credit for each", "word"),
]
SPENT = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
SPANS = """(rows) => {
  document.body.replaceChildren(...rows.map((row) => {
    const line = document.createElement("div");
    for (const [text, bin] of row) {
      const span = document.createElement("span");
      span.className = "b" + bin;
      span.textContent = text;
      line.append(span);
    }
    return line;
  }));
  document.body.offsetHeight;
}"""
RECOLOUR = """(shift) => {
  for (const line of document.body.children)
    for (const span of line.children)
      span.className = "b" + ((Number(span.className.slice(1)) + shift) % 33);
  document.body.offsetHeight;
}"""


def batch(seed: int, samples: int = SAMPLES, length: int = LENGTH) -> Rollouts:
    """Completions of equal length in two blocks, everything that the card shows measured."""
    dice = torch.Generator().manual_seed(seed)
    n = samples * length
    sample = torch.arange(samples).repeat_interleave(length)
    words = torch.randint(0, 26, (n,), generator=dice)
    right = torch.randint(0, 2, (samples,), generator=dice)
    calibration = -torch.rand(samples, generator=dice)
    place = torch.arange(n) % length
    return Rollouts(
        tokens=words,
        mask=torch.ones(n, dtype=torch.bool),
        sample=sample,
        rewards=right + calibration,
        group=torch.arange(samples) // 8,
        logprobs=-torch.rand(n, generator=dice),
        values=torch.rand(n, generator=dice),
        block=(place > 0.8 * length).long(),
        segment=sample * (length // 50) + place // 50,
        block_rewards=torch.stack([right.float(), calibration], 1),
        outcomes=torch.stack([torch.zeros_like(right), right], 1),
        pieces=[f" {chr(97 + w)}{chr(97 + (w * 7) % 26)}" for w in words.tolist()],
    )


def credits(rollouts: Rollouts, each: int = 3) -> dict[str, Credit]:
    """So many of each completion, of each block, of each segment, and of each token."""
    r, sample, group = rollouts.rewards, rollouts.sample, rollouts.group
    assert rollouts.block is not None
    assert rollouts.block_rewards is not None
    assert rollouts.segment is not None
    assert rollouts.values is not None
    mean, spread = peers.mean(r, group)[sample], peers.std(r, group)[sample] + 1e-6
    of_block = rollouts.block_rewards[sample, rollouts.block]
    lane = peers.classes((group[sample], rollouts.block))
    centre = peers.mean(of_block, lane)
    by_segment = peers.mean(rollouts.values, rollouts.segment)
    dense = rollouts.values + peers.tail(rollouts.values - 0.5, 0.9, sample)
    kinds = [
        Credit(target=r[sample], baseline=mean, scale=spread, peers=group[sample]),
        Credit(target=of_block, baseline=centre, peers=lane),
        Credit(target=by_segment, baseline=mean),
        Credit(target=dense, baseline=rollouts.values),
    ]
    # Each its own numbers: packing sends once what lies in one place.
    return {
        f"{kind}{k}": dataclasses.replace(c, target=c.target * (1 + k / 8))
        for k in range(each)
        for kind, c in enumerate(kinds)
    }


def timed(call: Callable[[], object], repeats: int) -> float:
    """Median milliseconds of the processor."""
    spent = []
    for _ in range(repeats):
        began = time.process_time()
        call()
        spent.append(1000 * (time.process_time() - began))
    return statistics.median(spent)


def meter(page: Page) -> Callable[[], float]:
    """Milliseconds that the page's thread worked since the last call."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    last = [0.0]

    def spent() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        now = 1000 * sum(m["value"] for m in found if m["name"] in SPENT)
        last[0], before = now, last[0]
        return now - before

    return spent


def mounted(page: Page, payloads: list[bytes]) -> tuple[Callable[[], float], float]:
    """The view on a page: a meter of its thread, and what the first picture took."""
    page.set_content(f"<style>{styles()}</style><main id='view'></main>")
    page.evaluate("window.all = []")
    for payload in payloads:
        page.evaluate(
            "(x) => { all.push(Uint8Array.from(atob(x), (c) => c.charCodeAt(0))); }",
            base64.b64encode(payload).decode(),
        )
    page.add_script_tag(type="module", content=f"{inline('view')}\nwindow.view = view;")
    page.wait_for_function("window.view")
    spent = meter(page)
    spent()
    page.evaluate(
        """() => {
          window.calls = {};
          window.now = all[0];
          const model = { get: (k) => (k === "payload" ? window.now : {}), set() {},
            save_changes() {}, on: (k, call) => { window.calls[k] = call; }, off() {} };
          view.render({ model, el: document.getElementById("view") });
        }"""
    )
    page.wait_for_selector(".ae-cell")
    page.wait_for_timeout(300)
    return spent, spent()


def view(page: Page, payloads: list[bytes], repeats: int) -> dict[str, float]:
    """First picture and live updates of the view."""
    spent, first = mounted(page, payloads)
    page.wait_for_timeout(600)
    spent()
    updates = []
    for k in range(repeats):
        page.evaluate("(k) => { window.now = all[k % 3]; calls['change:payload'](); }", k)
        page.wait_for_timeout(105)
        updates.append(spent())
    nodes = page.evaluate("document.querySelectorAll('.ae *').length")
    return {"first": first, "update": statistics.median(updates), "nodes": nodes}


def spans(page: Page, rollouts: Rollouts, repeats: int) -> dict[str, float]:
    """One estimator as a span for every token."""
    assert rollouts.pieces is not None
    bins = torch.randint(0, 33, (SAMPLES * LENGTH,)).tolist()
    pairs = list(zip(rollouts.pieces, bins, strict=True))
    rows = [pairs[i * LENGTH : (i + 1) * LENGTH] for i in range(SAMPLES)]
    rules = "".join(f".b{k}{{background:rgba(0,114,178,{k / 40:.2f})}}" for k in range(33))
    page.set_content(f"<style>{rules}</style>")
    spent = meter(page)
    spent()
    page.evaluate(SPANS, rows)
    page.wait_for_timeout(300)
    first = spent()
    updates = []
    for _ in range(max(3, repeats // 4)):
        page.evaluate(RECOLOUR, 5)
        page.wait_for_timeout(105)
        updates.append(spent())
    nodes = page.evaluate("document.querySelectorAll('*').length")
    return {"first": first, "update": statistics.median(updates), "nodes": nodes}


def largest(page: Page) -> None:
    """Print what it takes to switch in the largest batch that the view draws."""
    samples, length, estimators = LARGEST
    rollouts = batch(0, samples, length)
    began = time.process_time()
    payload = pack(rollouts, credits(rollouts, estimators // 4), detail=[0])
    spent = 1000 * (time.process_time() - began)
    print(f"{samples} x {length} tokens x {estimators} estimators; ms of the processor\n")
    print(f"{'pack':32s} {spent:9.0f} {len(payload) / 1e6:9.1f} MB")
    page.set_default_timeout(120_000)
    meter, first = mounted(page, [payload])
    print(f"{'':32s} {'at once':>9s} {'later':>9s} {'longest task':>13s}")
    print(f"{'first picture':32s} {first:9.0f}")
    page.wait_for_timeout(8000)
    page.evaluate(
        """() => { window.longest = 0; new PerformanceObserver((list) => {
             for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
           }).observe({ type: "longtask" }); }"""
    )
    for label, value in SWITCHES:
        meter()
        page.evaluate("longest = 0")
        page.get_by_label(label, exact=True).select_option(value)
        page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
        now = meter()
        page.wait_for_timeout(6000)
        row = f"{label}: {value}"
        print(f"{row:32s} {now:9.0f} {meter():9.0f} {page.evaluate('longest'):13.0f}")
    print(f"{'elements':32s} {page.locator('.ae *').count():9d}")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--largest", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        if asked.largest:
            largest(page)
        else:
            usual(page, asked.repeats)
        browser.close()


def usual(page: Page, repeats: int) -> None:
    """Print what packing and drawing take, beside their peers."""
    batches = [batch(seed) for seed in range(3)]
    made = [credits(b) for b in batches]
    eight = list(range(8))
    payloads = [pack(b, c, detail=eight) for b, c in zip(batches, made, strict=True)]
    scales = dict.fromkeys(made[0], 1.0)
    numbers = {name: c.advantage.tolist() for name, c in made[0].items()}
    print(
        f"{SAMPLES} x {LENGTH} tokens x {len(made[0])} estimators; ms of the processor, medians\n"
    )
    holes = dataclasses.replace(batches[0], mask=batches[0].tokens % 11 > 0)
    rows = [
        ("pack, terms of all", lambda: pack(batches[0], made[0])),
        ("pack, the same, a ninth masked", lambda: pack(holes, made[0])),
        ("pack, terms of 8 completions", lambda: pack(batches[0], made[0], detail=eight)),
        (
            "pack, the same, scales fixed",
            lambda: pack(batches[0], made[0], detail=eight, scales=scales),
        ),
        ("JSON of the advantages alone", lambda: json.dumps(numbers).encode()),
    ]
    for name, call in rows:
        size = len(call()) / 1e6
        print(
            f"{name:32s} {timed(call, repeats if 'JSON' not in name else 3):8.1f} ms {size:8.2f} MB"
        )
    print(f"\n{'':32s} {'first':>9s} {'update':>9s} {'elements':>9s}")
    found = [
        ("view: strips of 12, text of 2", view(page, payloads, repeats)),
        ("a span a token, of 1 estimator", spans(page, batches[0], repeats)),
    ]
    for name, got in found:
        print(f"{name:32s} {got['first']:9.0f} {got['update']:9.1f} {got['nodes']:9.0f}")


if __name__ == "__main__":
    main()
