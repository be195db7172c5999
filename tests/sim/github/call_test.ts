import assert from "node:assert/strict";
import { bodyOf, type Call, numberIn, recordOf, stableTenant } from "../../../sim/github/call.ts";

function aCall(params: Readonly<Record<string, string>>, body?: string): Call {
  const request = new Request("http://github.test", { method: "POST", body: body ?? null });
  return { request, route: { params } } as Call;
}

Deno.test(
  "bodies and ids from outside are read without throwing",
  { permissions: "none" },
  async () => {
    assert.equal(await bodyOf(aCall({}, "{")), undefined);
    assert.deepEqual(await recordOf(aCall({}, "[1]")), {});
    assert.deepEqual(await recordOf(aCall({}, '{"a":1}')), { a: 1 });
    const rows = [["7", 7], ["-1", NaN], ["7x", NaN], ["", NaN]] as const;
    for (const [id, number] of rows) assert.equal(numberIn(aCall({ id }), "id"), number);
    assert.equal(stableTenant("orgs/octo"), stableTenant("orgs/octo"));
    assert.notEqual(stableTenant("orgs/octo"), stableTenant("orgs/other"));
  },
);
