// Elements, made from data as text: nothing is ever inserted as HTML.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  if (tag === "button") element.type = "button";
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

export function present(children) {
  return children.flat().filter((child) => child !== null && child !== undefined && child !== false);
}

export function clamp(x, low, high) {
  return Math.min(Math.max(x, low), high);
}

// At most one call a frame, and none while the page or the element is hidden.
export function everyFrame(call) {
  let waiting = 0;
  const request = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      call();
    });
  };
  request.cancel = () => cancelAnimationFrame(waiting);
  return request;
}
