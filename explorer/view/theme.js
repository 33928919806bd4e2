// Form controls and strips follow the host's theme, which may differ from the system's.

export function followTheme(root, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const look = () => {
    const style = getComputedStyle(root);
    const given = style.getPropertyValue("--st-background-color") || style.getPropertyValue("--jp-layout-color0");
    const dark = given ? isDark(style.backgroundColor) : null;
    root.classList.toggle("ae-on-dark", dark === true);
    root.classList.toggle("ae-on-light", dark === false);
    changed();
  };
  const host = new MutationObserver(look);
  for (const node of [document.documentElement, document.body, root.getRootNode().host]) {
    if (node) host.observe(node, { attributes: true });
  }
  system.addEventListener("change", look);
  requestAnimationFrame(look);
  return () => {
    host.disconnect();
    system.removeEventListener("change", look);
  };
}

export function isDark(colour) {
  const [r, g, b] = (colour.match(/[\d.]+/g) ?? ["255", "255", "255"]).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}
