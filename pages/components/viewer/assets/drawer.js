/** A panel at the side of the stage. Opening moves the focus into it, closing gives it back. */
import { el } from "./dom.js";

export class Drawer {
  /** @param {{onClose?: () => void}} [parts] */
  constructor({ onClose = () => {} } = {}) {
    this.onClose = onClose;
    this.body = el("div.drawer-body");
    this.heading = el("h2", { tabIndex: -1 });
    this.element = el("aside.drawer", { hidden: true, role: "complementary" },
      el("header", {}, this.heading,
        el("button.quiet", { type: "button", text: "Close", onclick: () => this.close() })),
      this.body);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Show `children` under a title; the same name again closes. */
  open(name, title, children, { wide = false } = {}) {
    this.before ??= this.element.getRootNode().activeElement;
    this.name = name;
    this.heading.textContent = title;
    this.body.replaceChildren(...[children].flat().filter(Boolean));
    this.element.classList.toggle("wide", wide);
    this.element.setAttribute("aria-label", title);
    this.element.hidden = false;
    this.heading.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.name = null;
    this.body.replaceChildren();
    this.before?.focus?.({ preventScroll: true });
    this.before = null;
    this.onClose();
  }
}
