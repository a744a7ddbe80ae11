/**
 * Renders by digest: fetched once, decoded before they are needed, forgotten when many newer ones came.
 *
 * The bytes stay as they were stored: they are shown through an object URL (no base64, no re-encoding) and
 * are read by the pixel probe as well.
 */
import { decodePng } from "./png.js";

/** The route of an image: a render by its digest, or a map named `difference/<digest>/<digest>`. */
export function pathOf(name) {
  return name.includes("/") ? `api/${name}` : `api/img/${name}`;
}

export class Images {
  /**
   * @param {(name: string) => Promise<Blob>} fetchBytes
   * @param {number} [keep] how many decoded renders stay in memory; four pairs and a few maps
   */
  constructor(fetchBytes, keep = 12) {
    this.fetchBytes = fetchBytes;
    this.keep = keep;
    this.known = new Map();
  }

  /** The entry `{url, element, blob}` of a digest, decoded and ready to paint. */
  get(digest) {
    const known = this.known.get(digest);
    if (known) {
      this.known.delete(digest);
      this.known.set(digest, known);
      return known.promise;
    }
    const entry = { ready: null, promise: this.#load(digest) };
    this.known.set(digest, entry);
    entry.promise.then(
      (loaded) => { entry.ready = loaded; },
      () => this.known.delete(digest),
    );
    this.#forgetOldest();
    return entry.promise;
  }

  /** The entry when it is already decoded, else null: what makes the next pair appear in one frame. */
  ready(digest) {
    return this.known.get(digest)?.ready ?? null;
  }

  /** The exact pixels of a digest (see png.js). */
  async pixels(digest) {
    const entry = await this.get(digest);
    entry.pixels ??= entry.blob.arrayBuffer().then((buffer) => decodePng(new Uint8Array(buffer)));
    return entry.pixels;
  }

  /** Release every object URL. */
  close() {
    for (const entry of this.known.values()) release(entry);
    this.known.clear();
  }

  async #load(digest) {
    const blob = await this.fetchBytes(digest);
    const url = URL.createObjectURL(blob);
    const element = new Image();
    element.decoding = "sync";
    element.draggable = false;
    element.src = url;
    await element.decode();
    return { url, element, blob, width: element.naturalWidth, height: element.naturalHeight };
  }

  #forgetOldest() {
    for (const [digest, entry] of this.known) {
      if (this.known.size <= this.keep) return;
      // What stands on the page is the newest used; only what left the page long ago is released.
      if (entry.ready?.element.isConnected) continue;
      this.known.delete(digest);
      release(entry);
    }
  }
}

function release(entry) {
  entry.promise.then((loaded) => URL.revokeObjectURL(loaded.url), () => {});
}
