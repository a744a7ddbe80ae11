/**
 * The door between Streamlit and the viewer. Streamlit calls the default export at every change of data or
 * theme; the desk is built once per element and lives on.
 */
import { Api } from "./api.js";
import { Compare } from "./compare.js";
import { Desk } from "./desk.js";
import { el } from "./dom.js";

const KINDS = { desk: Desk, compare: Compare };
const RENEW_PATIENCE_MS = 10_000;
const instances = new WeakMap();

const sheet = new CSSStyleSheet();
const styled = fetch(new URL("./viewer.css", import.meta.url))
  .then((response) => response.text())
  .then((text) => sheet.replace(text));

export default function mount(component) {
  const { parentElement, data, setTriggerValue } = component;
  let instance = instances.get(parentElement);
  if (instance && instance.kind === data.kind && instance.owner === data.reviewer) {
    instance.refresh(data);
  } else {
    instance?.close();
    instance = build(parentElement, data, setTriggerValue);
    instances.set(parentElement, instance);
  }
  return () => {
    instances.get(parentElement)?.close();
    instances.delete(parentElement);
  };
}

function build(parent, data, setTriggerValue) {
  if (!parent.adoptedStyleSheets.includes(sheet)) parent.adoptedStyleSheets.push(sheet);
  const root = el(`div.sidegrade.${data.kind}`, { style: { visibility: "hidden" } });  // nobody sees it unstyled
  parent.append(root);
  const waiting = [];
  const renew = () => new Promise((resolve, reject) => {
    waiting.push(resolve);
    setTriggerValue("renew", Date.now());
    setTimeout(() => reject(new Error("the page did not renew its token; reload it")), RENEW_PATIENCE_MS);
  });
  const api = new Api({ token: data.token, renew });
  const view = new KINDS[data.kind](root, api, data);
  const unframe = data.kind === "desk" ? fillWindow(root, parent.host ?? parent) : () => {};
  styled.then(() => {
    root.style.visibility = "";
    view.start();
  });
  return {
    kind: data.kind,
    owner: data.reviewer,
    refresh(next) {
      api.token = next.token;
      waiting.splice(0).forEach((resolve) => resolve(next.token));
      view.update(next);
    },
    close() {
      unframe();
      view.close();
      root.remove();
    },
  };
}

/** The desk takes the whole width of the window and its height below the navigation. */
function fillWindow(root, host) {
  const main = host.closest("[data-testid=stMain]") ?? document.documentElement;
  const lay = () => {
    root.style.marginLeft = "0px";
    root.style.marginTop = "0px";
    const outer = main.getBoundingClientRect();
    const own = root.getBoundingClientRect();
    const header = document.querySelector("[data-testid=stHeader]")?.getBoundingClientRect();
    const top = own.top + main.scrollTop;
    const ceiling = header && header.height ? header.bottom : outer.top;
    const lift = isFirst(host) ? top - ceiling : 0;
    root.style.marginLeft = `${outer.left - own.left}px`;
    root.style.marginTop = `${-lift}px`;
    root.style.width = `${main.clientWidth}px`;
    root.style.height = `${window.innerHeight - (top - lift)}px`;
  };
  lay();
  const observer = new ResizeObserver(lay);
  observer.observe(main);
  window.addEventListener("resize", lay);
  return () => {
    observer.disconnect();
    window.removeEventListener("resize", lay);
  };
}

/** Whether nothing visible stands above the desk on its page, so that it may sit directly under the header. */
function isFirst(host) {
  const block = host.closest("[data-testid=stVerticalBlock]");
  if (!block) return true;
  const own = host.getBoundingClientRect().top;
  return [...block.children].every((child) => child.contains(host)
    || child.getBoundingClientRect().height === 0 || child.getBoundingClientRect().top >= own);
}
