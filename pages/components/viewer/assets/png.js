/**
 * Exact pixels of a PNG, straight from the file.
 *
 * A canvas stores colours multiplied by alpha: reading them back loses the colour under low alpha and
 * everything under alpha 0. The probe must not invent numbers, so it decodes the file itself: 8 bits per
 * channel, grey, RGB, palette or RGBA, not interlaced (what Sidegrade stores).
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Decode PNG bytes.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<{width: number, height: number, channels: number, rgba(x: number, y: number): number[]}>}
 * @throws {Error} when the bytes are not a PNG of a kind named above
 */
export async function decodePng(bytes) {
  const { header, palette, transparency, data } = readChunks(bytes);
  const channels = CHANNELS[header.colour];
  if (channels === undefined || header.depth !== 8 || header.interlaced) {
    throw new Error(`PNG: expected 8 bits, not interlaced; got ${header.depth} bits, type ${header.colour}`);
  }
  const stride = header.width * channels;
  const raw = await inflate(data);
  if (raw.length !== (stride + 1) * header.height) {
    throw new Error(`PNG: expected ${(stride + 1) * header.height} bytes of pixels, got ${raw.length}`);
  }
  const pixels = unfilter(raw, stride, header.height, channels);
  const rgba = (x, y) => {
    const at = (y * header.width + x) * channels;
    return expand(header.colour, pixels.subarray(at, at + channels), palette, transparency);
  };
  return { width: header.width, height: header.height, channels, rgba };
}

function readChunks(bytes) {
  if (SIGNATURE.some((value, index) => bytes[index] !== value)) throw new Error("PNG: signature missing");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = { header: null, palette: null, transparency: null };
  const parts = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") found.header = readHeader(view, at + 8);
    else if (type === "PLTE") found.palette = body;
    else if (type === "tRNS") found.transparency = body;
    else if (type === "IDAT") parts.push(body);
    else if (type === "IEND") break;
    at += length + 12;
  }
  if (!found.header) throw new Error("PNG: header missing");
  return { ...found, data: new Blob(parts) };
}

function readHeader(view, at) {
  return {
    width: view.getUint32(at),
    height: view.getUint32(at + 4),
    depth: view.getUint8(at + 8),
    colour: view.getUint8(at + 9),
    interlaced: view.getUint8(at + 12) !== 0,
  };
}

async function inflate(blob) {
  const stream = blob.stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undo the five row filters of PNG, section 9 of the specification. */
function unfilter(raw, stride, height, bpp) {
  const out = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)];
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    for (let i = 0; i < stride; i += 1) {
      const left = i >= bpp ? out[to + i - bpp] : 0;
      const up = row > 0 ? out[to + i - stride] : 0;
      const corner = row > 0 && i >= bpp ? out[to + i - stride - bpp] : 0;
      out[to + i] = raw[from + i] + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter, left, up, corner) {
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    case 4: return paeth(left, up, corner);
    default: throw new Error(`PNG: unknown filter ${filter}`);
  }
}

function paeth(left, up, corner) {
  const estimate = left + up - corner;
  const toLeft = Math.abs(estimate - left);
  const toUp = Math.abs(estimate - up);
  const toCorner = Math.abs(estimate - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function expand(colour, pixel, palette, transparency) {
  switch (colour) {
    case 0: return [pixel[0], pixel[0], pixel[0], 255];
    case 2: return [pixel[0], pixel[1], pixel[2], 255];
    case 3: return [...palette.subarray(pixel[0] * 3, pixel[0] * 3 + 3), transparency?.[pixel[0]] ?? 255];
    case 4: return [pixel[0], pixel[0], pixel[0], pixel[1]];
    default: return [pixel[0], pixel[1], pixel[2], pixel[3]];
  }
}
