/**
 * The address bar as memory: pair, mode, zoom, place, background and filter travel in the link. Parameters of
 * other parts of the page are left as they are.
 */

const OWN = ["pair", "mode", "turn", "zoom", "at", "bg", "tag", "check", "show", "run"];

/** The view a link asks for; anything unreadable is left out. */
export function readLink(search) {
  const params = new URLSearchParams(search);
  const zoom = Number(params.get("zoom"));
  const at = (params.get("at") ?? "").split(",").map(Number);
  return clean({
    pair: params.get("pair"),
    run: params.get("run"),
    mode: params.get("mode"),
    turn: params.get("turn"),
    zoom: zoom > 0 && zoom <= 64 ? zoom : null,
    at: at.length === 2 && at.every((value) => Number.isFinite(value)) ? { x: at[0], y: at[1] } : null,
    bg: params.get("bg"),
    tag: params.get("tag"),
    check: params.get("check"),
    show: params.get("show"),
  });
}

/** The query string of a view, keeping foreign parameters of `search`; fitted views carry no zoom and place. */
export function writeLink(search, view) {
  const params = new URLSearchParams(search);
  for (const name of OWN) params.delete(name);
  const values = {
    ...view,
    zoom: view.zoom ? round(view.zoom, 4) : null,
    at: view.zoom && view.at ? `${round(view.at.x, 1)},${round(view.at.y, 1)}` : null,
  };
  for (const name of OWN) if (values[name]) params.set(name, values[name]);
  const text = params.toString();
  return text ? `?${text}` : "";
}

function clean(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
