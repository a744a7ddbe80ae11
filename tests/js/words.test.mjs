import assert from "node:assert/strict";
import test from "node:test";
import { fit } from "../../pages/components/viewer/assets/words.js";

/** What the server refuses; `core/untrusted.py` has the same in Python. */
const REFUSED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

test("what a person writes is sent so that the server takes it, whatever was pasted", () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const sign = String.fromCharCode(code);
    const sent = fit(`a${sign}b`);
    assert.ok(!REFUSED.test(sent), code.toString(16));
    if (!REFUSED.test(sign) && sign !== "\r") assert.equal(sent, `a${sign}b`);
  }
});

test("a whole emoji stays, half of one is a question, and every end of a line is one", () => {
  assert.equal(fit("nice 😀"), "nice 😀");
  assert.equal(fit("nice \ud83d"), "nice \ufffd");
  assert.equal(fit("one\r\ntwo\rthree\vfour"), "one\ntwo\nthree\nfour");
});
