/**
 * How the reviewer looked before judging: time on screen, modes used, largest zoom. Stored with the verdict,
 * so that a policy can tell a look from a glance.
 */
export class Look {
  /** @param {() => number} now milliseconds, monotonic */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.listening = new AbortController();
    this.restart();
  }

  /** A new pair came on screen. */
  restart() {
    this.total = 0;
    this.since = this.now();
    this.modes = new Set();
    this.maxZoom = 0;
    this.acknowledged = false;
  }

  /** Watch whether the page is hidden, until this look is closed. */
  watch(page) {
    const { signal } = this.listening;
    page.addEventListener("visibilitychange", () => this.visible(!page.hidden), { signal });
  }

  close() {
    this.listening.abort();
  }

  /** The page was hidden or shown again: only time with the pair in view counts. */
  visible(shown) {
    if (shown && this.since === null) this.since = this.now();
    if (!shown && this.since !== null) {
      this.total += this.now() - this.since;
      this.since = null;
    }
  }

  /** A mode and a zoom (device pixels per image pixel) were in use. */
  saw(mode, zoom) {
    this.modes.add(mode);
    this.maxZoom = Math.max(this.maxZoom, zoom);
  }

  /** The record that travels with the verdict. */
  record() {
    const running = this.since === null ? 0 : this.now() - this.since;
    return {
      dwell_ms: Math.round(this.total + running),
      modes: [...this.modes].sort(),
      max_zoom: Math.round(this.maxZoom * 10_000) / 10_000,
      acknowledged_size_difference: this.acknowledged,
    };
  }
}
