import { deepEqual, equal, throws } from "node:assert/strict";
import { parseConfigUrl } from "../../github/config_url.ts";
import { BadShape, membersOf } from "../../github/decode.ts";
import { idsOf, leaseOf, sessionIdIn, sessionIdOf } from "../../github/lease.ts";

const CONFIG = parseConfigUrl("https://github.com/octo");

Deno.test("F05 a lease has an address and a token, or is refused", { permissions: "none" }, () => {
  const whole = { messageQueueUrl: "https://q.example/m?s=1", messageQueueAccessToken: "t" };
  const lease = leaseOf(membersOf(whole, "it"), CONFIG);
  deepEqual([lease.queueUrl.href, lease.token.reveal()], ["https://q.example/m?s=1", "t"]);
  for (const missing of Object.keys(whole)) {
    for (const nothing of ["", null, undefined, 5]) {
      const session = membersOf({ ...whole, [missing]: nothing }, "it");
      throws(() => leaseOf(session, CONFIG), BadShape, `${missing} ${nothing}`);
    }
  }
});

Deno.test("§20.47 a session id is a UUID other than zero", { permissions: "none" }, () => {
  const id = "1f2c1e3a-6f0b-4a55-9f5e-0a7d9c2b8e11";
  equal(sessionIdOf(membersOf({ sessionId: id }, "it")), id);
  for (const sessionId of ["", "x", id.slice(1), "00000000-0000-0000-0000-000000000000", null]) {
    throws(() => sessionIdOf(membersOf({ sessionId }, "it")), BadShape, String(sessionId));
  }
});

Deno.test("the id of a session is found in half an answer", { permissions: "none" }, () => {
  const id = "1f2c1e3a-6f0b-4a55-9f5e-0a7d9c2b8e11";
  equal(sessionIdIn(`{"sessionId":"${id}","ownerName":"x`), id);
  equal(sessionIdIn(`{\n  "SessionID" : "${id}"\n`), id);
  for (
    const text of ["", `{"sessionId":"${id.slice(1)}"`, `{"owner":"${id}"`, `{"sessionId":"${id}`]
  ) {
    equal(sessionIdIn(text), undefined, text);
  }
  equal(sessionIdIn('{"sessionId":"00000000-0000-0000-0000-000000000000"}'), undefined);
});

Deno.test("acquired ids are whole numbers, perhaps none", { permissions: "none" }, () => {
  deepEqual(idsOf(membersOf({ value: [1, 2] }, "it")), [1, 2]);
  deepEqual(idsOf(membersOf({}, "it")), []);
  throws(() => idsOf(membersOf({ value: ["1"] }, "it")), BadShape);
});
