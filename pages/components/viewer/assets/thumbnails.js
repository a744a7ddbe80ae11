/**
 * Thumbnails of the gallery: a few requests at a time, the newest wishes first, because what was scrolled past
 * is no longer wanted. Kept as object URLs until the gallery closes.
 */

const AT_ONCE = 6;
const KEEP = 600;

export class Thumbnails {
  /** @param {(digest: string) => Promise<Blob>} fetchBytes */
  constructor(fetchBytes) {
    this.fetchBytes = fetchBytes;
    this.urls = new Map();
    this.wishes = [];
    this.running = 0;
  }

  /** An image element that fills itself once its thumbnail is here. */
  image(digest) {
    const image = new Image();
    image.alt = "";
    image.decoding = "async";
    const known = this.urls.get(digest);
    if (known) image.src = known;
    else this.wishes.push({ digest, image });
    return image;
  }

  /** Forget wishes of images that left the page, and serve the others. */
  focus() {
    this.wishes = this.wishes.filter((wish) => wish.image.isConnected);
    while (this.running < AT_ONCE && this.wishes.length) this.#serve(this.wishes.pop());
  }

  async #serve({ digest, image }) {
    this.running += 1;
    try {
      if (!this.urls.has(digest)) this.#keep(digest, URL.createObjectURL(await this.fetchBytes(digest)));
      image.src = this.urls.get(digest);
    } catch {
      image.classList.add("missing");
    } finally {
      this.running -= 1;
      this.focus();
    }
  }

  #keep(digest, url) {
    this.urls.set(digest, url);
    if (this.urls.size <= KEEP) return;
    const [oldest, old] = this.urls.entries().next().value;
    this.urls.delete(oldest);
    URL.revokeObjectURL(old);
  }

  close() {
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
    this.urls.clear();
  }
}
