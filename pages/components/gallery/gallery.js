/**
 * A wall of thumbnails. Images are fetched by digest when they come near the window, with the token in a
 * header, never in an address; text is set by textContent only, because titles come from users.
 */
const SIGNS = { good: "✓", bad: "✕", quiet: "○" };
const NEAR = "400px";
const MISSING = "This image cannot be shown";

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function drawn(tile, selected, pick) {
  const button = element("button", "tile");
  button.type = "button";
  button.setAttribute("aria-pressed", String(tile.id === selected));
  button.onclick = () => pick(tile.id);
  const stage = element("span", "stage");
  stage.dataset.digest = tile.digest;
  stage.dataset.alt = tile.alt;
  button.append(stage, element("span", "title", tile.title));
  if (tile.subtitle) button.append(element("span", "subtitle", tile.subtitle));
  if (tile.mark) button.append(element("span", `mark ${tile.tone}`, `${SIGNS[tile.tone]} ${tile.mark}`));
  return button;
}

async function show(stage, data, urls) {
  const { digest, alt } = stage.dataset;
  const address = new URL(`api/thumb/${digest}?w=${data.width}`, document.baseURI);
  try {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${data.token}` } });
    if (!answer.ok) throw new Error(answer.statusText);
    const url = URL.createObjectURL(await answer.blob());
    urls.push(url);
    const image = element("img", "picture");
    Object.assign(image, { src: url, alt });
    await image.decode();
    image.classList.add(image.naturalWidth * 3 > image.naturalHeight * 4 ? "wide" : "tall");
    stage.replaceChildren(image);
  } catch {
    stage.replaceChildren(element("span", "missing", MISSING));
  }
}

// Arrow keys move through the wall, so that one Tab enters it and one leaves it.
function moveByArrows(wall) {
  const tiles = [...wall.children];
  const focusable = (index) => {
    tiles.forEach((tile, i) => (tile.tabIndex = i === index ? 0 : -1));
    return tiles[index];
  };
  const pressed = tiles.findIndex((tile) => tile.getAttribute("aria-pressed") === "true");
  if (tiles.length) focusable(Math.max(pressed, 0));
  wall.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const now = tiles.indexOf(event.target.closest(".tile"));
    if (!step || now < 0) return;
    event.preventDefault();
    focusable(Math.min(Math.max(now + step, 0), tiles.length - 1)).focus();
  };
}

const walls = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const wall = parentElement.querySelector(".wall");
  const content = JSON.stringify(data.tiles);
  const known = walls.get(wall);
  if (known?.content === content) {
    // The same images with another selection: the elements stay, and with them place and focus.
    data.tiles.forEach((tile, i) => wall.children[i].setAttribute("aria-pressed", String(tile.id === data.selected)));
    return;
  }
  known?.forget();
  const urls = [];
  const watcher = new IntersectionObserver((seen) => {
    for (const { target } of seen.filter((one) => one.isIntersecting)) {
      watcher.unobserve(target);
      show(target, data, urls);
    }
  }, { rootMargin: NEAR });
  const forget = () => {
    watcher.disconnect();
    urls.forEach((url) => URL.revokeObjectURL(url));
    walls.delete(wall);
  };
  walls.set(wall, { content, forget });
  wall.setAttribute("aria-label", data.label);
  wall.replaceChildren(...data.tiles.map((tile) => drawn(tile, data.selected, (id) => setTriggerValue("picked", id))));
  wall.querySelectorAll(".stage").forEach((stage) => watcher.observe(stage));
  moveByArrows(wall);
  return forget;
}
