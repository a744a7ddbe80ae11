/** Building elements without markup strings: text is always text, never HTML. */

/**
 * An element from a selector-like name, properties and children.
 *
 * `el("button.vote", { onclick, "aria-pressed": "true", text: "A" }, child, …)`; names that exist as
 * properties of the element are set as such, all others become attributes; null and false are left out.
 */
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  set(element, properties);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Set properties and attributes of an element, as in {@link el}. */
export function set(element, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (key === "text") element.textContent = value;
    else if (key === "style") Object.assign(element.style, value);
    else if (key.includes("-") || key === "role" || key === "for") attribute(element, key, value);
    else element[key] = value;
  }
  return element;
}

function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** A small SVG icon from the path data of a 16×16 grid. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** The key hint of a command, as drawn on buttons. */
export function kbd(text) {
  return el("kbd", { text, "aria-hidden": "true" });
}
