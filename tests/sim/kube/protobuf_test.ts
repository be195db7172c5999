import assert from "node:assert/strict";
import { decoded } from "../../../sim/kube/protobuf.ts";
import { aKubeApi, NAMESPACES } from "./a_kube_api.ts";

const encoder = new TextEncoder();

/** A field with text, or with the fields of a message; short ones only. */
function field(number: number, value: string | readonly number[]): readonly number[] {
  const bytes = typeof value === "string" ? [...encoder.encode(value)] : value;
  return [(number << 3) | 2, bytes.length, ...bytes];
}

function encoded(kind: string, raw: readonly number[]): Uint8Array<ArrayBuffer> {
  const type = [...field(1, "v1"), ...field(2, kind)];
  return new Uint8Array([0x6b, 0x38, 0x73, 0, ...field(1, type), ...field(2, raw)]);
}

Deno.test("a Secret is read with its labels and data", { permissions: "none" }, () => {
  const metadata = [...field(1, "s"), ...field(11, [...field(1, "k"), ...field(2, "v")])];
  const data = [...field(1, "token"), ...field(2, "abc")];
  const bytes = encoded("Secret", [
    ...field(1, metadata),
    ...field(2, data),
    ...field(3, "Opaque"),
    ...[(5 << 3) | 0, 1],
    ...field(14, "later"),
  ]);
  assert.deepEqual(decoded(bytes), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", labels: { k: "v" } },
    data: { token: "YWJj" },
    type: "Opaque",
    immutable: true,
  });
});

Deno.test("a kind that is not in the table is not read", { permissions: "none" }, () => {
  assert.equal(decoded(encoded("Pod", [])), undefined);
});

Deno.test("broken bytes are told as such", { permissions: "none" }, () => {
  assert.throws(() => decoded(new Uint8Array([1, 2, 3, 4])), RangeError);
  const whole = encoded("Secret", field(1, field(1, "s")));
  assert.throws(() => decoded(whole.subarray(0, whole.length - 1)), RangeError);
});

Deno.test("what kubectl sends is created; an unknown kind is an unsupported media type", async () => {
  const { api } = aKubeApi();
  const send = (body: Uint8Array<ArrayBuffer>) =>
    api.handle(
      new Request(`https://kube${NAMESPACES}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${api.tokenFor("admin")}`,
          "content-type": "application/vnd.kubernetes.protobuf",
        },
        body,
      }),
    );
  const made = await send(encoded("Namespace", field(1, field(1, "team"))));
  assert.equal(made.status, 201);
  assert.equal((await made.json()).status.phase, "Active");
  const unknown = await send(encoded("Riddle", []));
  assert.equal(unknown.status, 415);
  await unknown.body?.cancel();
});
