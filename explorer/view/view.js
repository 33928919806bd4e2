// The token view: one module for JupyterLab (anywidget), Streamlit and a plain HTML file.
// A host gives a model with get, set, on and save_changes; `payload` is what wire.py packs.

import { actionsOf, listen } from "./actions.js";
import { feed } from "./feed.js";
import { screenOf } from "./screen.js";
import { known, published, repaired, startState } from "./state.js";
import { unpack } from "./wire.js";

const TEXT_PERIOD = 334; // ms between texts of a live run: colours must not flash
const TELL = 200; // ms without a change before the host hears of it

// A run that moves by itself starts held for a reader who asked for less motion.
function calm(batch) {
  return batch.steps.length > 1 && matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function render({ model: host, el }) {
  const now = { batch: null, state: null, hovered: null };
  const actions = {};
  // Random, since a notebook may load this module once for every output.
  const id = `ae${Math.random().toString(36).slice(2, 8)}`;
  const screen = screenOf(id, now, actions, () => incoming.skipped(), () => incoming.resume());
  el.replaceChildren(screen.root);
  // A pause holds back only what the reader did not ask for.
  const held = () => (now.state?.paused && actions.arrived()) || screen.busy();
  const incoming = feed(screen.root, { take, held });
  let told = "";
  let telling = 0;
  let later = 0;

  function receive() {
    const payload = host.get("payload");
    if (payload?.byteLength) incoming.offer(payload);
  }

  // Without a payload: the text of the last batch, whose strips are there already.
  function take(payload) {
    if (payload && !accept(payload)) return;
    const wait = screen.drawn() + TEXT_PERIOD - performance.now();
    clearTimeout(later);
    if (wait <= 0 || !screen.shown()) return screen.draw();
    screen.drawStripsOnly();
    later = setTimeout(incoming.turn, wait);
  }

  // Whether there is something new to draw.
  function accept(payload) {
    try {
      const next = unpack(payload);
      if (!now.state) {
        now.state = startState(next, { paused: calm(next), ...next.state, ...host.get("state") });
      } else if (next.steps.length && !now.state.follow && next.step !== now.state.step) {
        // A step that nobody asked for: the reader stays, the time line grows.
        now.batch.steps = next.steps;
        screen.time.update(now.batch, now.state, incoming.skipped());
        return false;
      }
      const begins = !now.batch;
      now.batch = next;
      now.state = repaired(next, { ...now.state, step: next.step });
      // A pin that came with the address or the file is news to the host.
      if (begins && now.state.pins.length) publish();
      screen.fail(null);
      return true;
    } catch (error) {
      screen.fail(error);
      return false;
    }
  }

  function change(part, { tell = true } = {}) {
    now.state = repaired(now.batch, { ...now.state, ...part });
    screen.draw();
    if (tell) publish();
  }

  function publish() {
    clearTimeout(telling);
    telling = setTimeout(() => {
      const state = JSON.stringify(published(now.state));
      if (state === told) return;
      told = state;
      host.set("state", JSON.parse(state));
      host.save_changes();
    }, TELL);
  }

  function receiveState() {
    const given = host.get("state");
    if (now.batch && given && JSON.stringify(given) !== told) change(known(given), { tell: false });
  }

  Object.assign(actions, actionsOf(now, screen, change, incoming.resume));
  listen(now, screen, actions);
  host.on("change:payload", receive);
  host.on("change:state", receiveState);
  receive();

  return () => {
    host.off?.("change:payload", receive);
    host.off?.("change:state", receiveState);
    for (const timer of [telling, later]) clearTimeout(timer);
    for (const stop of [incoming.stop, actions.stop, screen.stop]) stop();
  };
}

export default { render };
