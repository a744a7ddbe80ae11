/**
 * Hands on the light table: drag, wheel, pinch and the slider's handle. Every gesture has a key and a button
 * beside it (WCAG 2.5.7).
 */

/** How close to the slider's line a drag must start to take hold of it, in CSS pixels. */
const REACH = 18;
/** How much wheel makes one step of zoom, in pixels of delta. */
const NOTCH = 60;

/** Listen on a stage until the returned function is called. `claim(point)` may take a pointer for itself. */
export function listen(stage, { claim = () => null } = {}) {
  const pointers = new Map();
  let drag = null;
  let pinch = null;
  let rolled = 0;

  const down = (event) => {
    if (event.button !== 0 || event.target.closest?.("button, .popover")) return;
    const point = stage.point(event);
    pointers.set(event.pointerId, point);
    stage.element.setPointerCapture(event.pointerId);
    if (pointers.size === 2) {
      pinch = spread(pointers);
      drag = null;
      return;
    }
    drag = claim(point) ?? { move: grab(stage, point, event), last: point };
    if (drag.start) drag.start(point);
  };

  const move = (event) => {
    if (!pointers.has(event.pointerId)) return;
    const point = stage.point(event);
    const before = pointers.get(event.pointerId);
    pointers.set(event.pointerId, point);
    if (pinch && pointers.size === 2) {
      const now = spread(pointers);
      stage.zoomTo(stage.state.view.zoom * (now.distance / pinch.distance), now.middle);
      stage.pan(now.middle.x - pinch.middle.x, now.middle.y - pinch.middle.y);
      pinch = now;
    } else if (drag) {
      drag.move(point, before);
    }
  };

  const up = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    if (drag?.end) drag.end(stage.point(event));
    drag = null;
    if (pinch && pointers.size < 2) {
      pinch = null;
      settleZoom(stage);
    }
  };

  const wheel = (event) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 20 : 1;
    if (event.shiftKey) {
      stage.pan(-event.deltaX * unit - event.deltaY * unit, 0);
      return;
    }
    rolled += event.deltaY * unit * (event.ctrlKey ? 6 : 1);
    if (Math.abs(rolled) < NOTCH) return;
    stage.step(rolled < 0 ? 1 : -1, stage.point(event));
    rolled = 0;
  };

  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up };
  for (const [name, listener] of Object.entries(listeners)) stage.element.addEventListener(name, listener);
  stage.element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    for (const [name, listener] of Object.entries(listeners)) stage.element.removeEventListener(name, listener);
    stage.element.removeEventListener("wheel", wheel);
  };
}

/** What a drag that starts here moves: the slider's line, the picture when it is larger than the stage. */
function grab(stage, point, event) {
  const { state, size } = stage;
  const onHandle = event.target.closest?.(".handle");
  const x = state.split.x * size.width;
  const y = state.split.y * size.height;
  const nearX = Math.abs(point.x - x) <= REACH && state.orientation !== "vertical";
  const nearY = Math.abs(point.y - y) <= REACH && state.orientation !== "horizontal";
  const slides = state.mode === "slider" && (onHandle || nearX || nearY || !stage.pannable);
  if (!slides) return (now, before) => stage.pan(now.x - before.x, now.y - before.y);
  const both = state.orientation === "both";
  const moveX = both ? nearX || onHandle || !nearY : state.orientation === "horizontal";
  const moveY = both ? nearY || onHandle || !nearX : state.orientation === "vertical";
  const slide = (now) => stage.moveSplit(
    moveX ? now.x / stage.size.width : stage.state.split.x,
    moveY ? now.y / stage.size.height : stage.state.split.y,
  );
  if (!onHandle) slide(point);
  return slide;
}

/** After a pinch, zooms of 1 and more come to rest on a whole number, so that pixels stay square. */
function settleZoom(stage) {
  const { zoom } = stage.state.view;
  if (zoom > 1) stage.zoomTo(Math.round(zoom));
}

function spread(pointers) {
  const [first, second] = [...pointers.values()];
  return {
    distance: Math.max(1, Math.hypot(first.x - second.x, first.y - second.y)),
    middle: { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 },
  };
}
