import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { decodePng } from "../../pages/components/viewer/assets/png.js";

const chunk = (type, body) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(type), body, Buffer.alloc(4)]);
};

function png({ width, height, colour, rows, depth = 8, interlace = 0, extra = [] }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlace], 8);
  const data = deflateSync(Buffer.from(rows.flat()));
  return new Uint8Array(Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", header), ...extra,
    chunk("IDAT", data.subarray(0, 4)), chunk("IDAT", data.subarray(4)), chunk("IEND", Buffer.alloc(0)),
  ]));
}

test("every row filter is undone", async () => {
  const rows = [
    [0, 10, 20, 30, 255, 40, 50, 60, 128],
    [1, 1, 2, 3, 4, 5, 6, 7, 8],
    [2, 1, 1, 1, 1, 1, 1, 1, 1],
    [3, 2, 2, 2, 2, 2, 2, 2, 2],
    [4, 3, 3, 3, 3, 3, 3, 3, 3],
  ];
  const image = await decodePng(png({ width: 2, height: 5, colour: 6, rows }));
  assert.deepEqual(image.rgba(0, 0), [10, 20, 30, 255]);
  assert.deepEqual(image.rgba(1, 1), [6, 8, 10, 12]);
  assert.deepEqual(image.rgba(1, 2), [7, 9, 11, 13]);
  assert.deepEqual(image.rgba(0, 3), [3, 3, 4, 4]);
  assert.deepEqual(image.rgba(0, 4), [6, 6, 7, 7]);
});

test("colour under full transparency is kept exactly", async () => {
  const image = await decodePng(png({ width: 1, height: 1, colour: 6, rows: [[0, 201, 3, 77, 0]] }));
  assert.deepEqual(image.rgba(0, 0), [201, 3, 77, 0]);
});

test("RGB is opaque, a palette is looked up", async () => {
  const rgb = await decodePng(png({ width: 1, height: 1, colour: 2, rows: [[0, 1, 2, 3]] }));
  assert.deepEqual(rgb.rgba(0, 0), [1, 2, 3, 255]);
  const extra = [chunk("PLTE", Buffer.from([9, 9, 9, 5, 6, 7])), chunk("tRNS", Buffer.from([0, 200]))];
  const palette = await decodePng(png({ width: 1, height: 1, colour: 3, rows: [[0, 1]], extra }));
  assert.deepEqual(palette.rgba(0, 0), [5, 6, 7, 200]);
});

test("what it cannot read exactly it refuses", async () => {
  const rows = [[0, 1, 2, 3]];
  await assert.rejects(decodePng(new Uint8Array([1, 2, 3])), /signature/);
  await assert.rejects(decodePng(png({ width: 1, height: 1, colour: 2, rows, depth: 16 })), /8 bits/);
  await assert.rejects(decodePng(png({ width: 1, height: 1, colour: 2, rows, interlace: 1 })), /interlaced/);
  await assert.rejects(decodePng(png({ width: 4, height: 4, colour: 2, rows })), /bytes of pixels/);
});
