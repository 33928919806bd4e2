// The training steps that the host can show: scrub, play, pause, follow the latest.

import { make } from "./dom.js";

const SPEEDS = ["0.1\u00d7", "0.25\u00d7", "0.5\u00d7", "1\u00d7", "2\u00d7", "4\u00d7"];

export function timeBar(actions) {
  let steps = [];
  let state = null;
  let speed = 1;
  let playing = 0;
  const button = (text, label, call) =>
    make("button", { class: "ae-icon", "aria-label": label, title: label, onclick: call }, text);
  const play = button("\u25b6", "Play", () => (playing ? stop() : start()));
  const slider = make("input", { type: "range", class: "ae-time", min: "0", "aria-label": "Training step", oninput: () => go(Number(slider.value)) });
  const said = make("span", { class: "ae-said" });
  const latest = make("button", { class: "ae-button ae-toggle", title: "Show each new step as it comes", onclick: () => follow(!state.follow) }, "follow latest");
  const hold = make("button", { class: "ae-button ae-toggle", title: "Hold the picture (Space)", onclick: () => actions.pause() }, "pause");
  const pace = make(
    "select",
    { class: "ae-select", "aria-label": "Speed", onchange: (event) => { speed = Number.parseFloat(event.target.value); } },
    SPEEDS.map((text) => make("option", { value: text, selected: text === "1\u00d7" }, text)),
  );
  const element = make(
    "div",
    { class: "ae-timebar", role: "group", "aria-label": "Training steps", hidden: true },
    button("\u23ee", "Previous step ([)", () => by(-1)),
    play,
    button("\u23ed", "Next step (])", () => by(1)),
    slider, said, pace, latest, hold,
  );

  function place() {
    const at = steps.indexOf(state.step);
    return at >= 0 ? at : Math.max(0, steps.filter((s) => s <= state.step).length - 1);
  }

  function go(index) {
    const step = steps[Math.min(Math.max(index, 0), steps.length - 1)];
    if (step !== undefined && step !== state.step) actions.change({ step, follow: false });
  }

  function by(count) {
    if (steps.length) go(place() + count);
  }

  function follow(on) {
    stop();
    actions.change(on ? { follow: true, paused: false, step: steps[steps.length - 1] } : { follow: false });
  }

  function start() {
    const tick = () => {
      // Wait for the step that was asked for before asking for another.
      if (!document.hidden && actions.arrived()) {
        if (place() >= steps.length - 1) return stop();
        by(1);
      }
      playing = setTimeout(tick, 700 / speed);
      return playing;
    };
    if (place() >= steps.length - 1) go(0);
    playing = setTimeout(tick, 700 / speed);
    update({ steps, step: state.step }, state, 0);
  }

  function stop() {
    clearTimeout(playing);
    playing = 0;
    play.textContent = "\u25b6";
    play.setAttribute("aria-label", "Play");
  }

  function update(batch, given, dropped) {
    steps = batch.steps;
    state = given;
    element.hidden = steps.length < 2;
    if (element.hidden) return;
    slider.max = String(steps.length - 1);
    slider.value = String(place());
    const wanted = steps[place()];
    slider.setAttribute("aria-valuetext", `step ${wanted}`);
    said.textContent = `step ${wanted} of ${steps[steps.length - 1]}${batch.step !== state.step ? ", loading" : ""}${dropped ? `, ${dropped} skipped` : ""}`;
    latest.setAttribute("aria-pressed", String(state.follow));
    hold.setAttribute("aria-pressed", String(state.paused));
    if (playing) {
      play.textContent = "\u25a0";
      play.setAttribute("aria-label", "Stop");
    }
  }

  return { element, update, by, stop };
}
