/**
 * The desk's own routes. Every request carries the short-lived token in a header, never in an address; a
 * token that expired is renewed once through the page and the request is made again.
 */

/** An answer that is not 2xx, or no answer. `permanent`: the same request can never succeed. */
export class ApiError extends Error {
  constructor(message, { status = 0, remedy = "" } = {}) {
    super(message);
    this.status = status;
    this.remedy = remedy;
    this.permanent = status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
  }
}

export class Api {
  /**
   * @param {object} parts
   * @param {string} parts.token
   * @param {() => Promise<string>} parts.renew asks the page for a fresh token
   * @param {string} [parts.root] address of the app
   */
  constructor({ token, renew, root = new URL(".", document.baseURI).href }) {
    this.token = token;
    this.renew = renew;
    this.root = root;
  }

  /** The JSON answer of a GET. */
  async get(path, query = {}) {
    const response = await this.#ask(path + queryString(query), { method: "GET" });
    return response.json();
  }

  /** The JSON answer of a POST. */
  async post(path, body) {
    const response = await this.#ask(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
    });
    return response.json();
  }

  /** The bytes of a stored image, as a Blob. */
  async image(path) {
    return (await this.#ask(path, { method: "GET" })).blob();
  }

  async #ask(path, options) {
    const response = await this.#once(path, options);
    if (response.status !== 401) return settle(response);
    this.token = await this.renew();
    return settle(await this.#once(path, options));
  }

  async #once(path, options) {
    const headers = { ...options.headers, authorization: `Bearer ${this.token}` };
    try {
      return await fetch(new URL(path, this.root), { ...options, headers, credentials: "same-origin" });
    } catch (error) {
      throw new ApiError(`no connection: ${error.message}`);
    }
  }
}

async function settle(response) {
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(answer.message ?? `${response.status} ${response.statusText}`, {
    status: response.status,
    remedy: answer.remedy,
  });
}

function queryString(query) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    for (const item of [value].flat()) params.append(name, item);
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
