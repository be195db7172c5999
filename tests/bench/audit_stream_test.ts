import assert from "node:assert/strict";
import { openAuditStream } from "../../bench/audit_stream.ts";

function line(id: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    auditID: id,
    stage: "ResponseComplete",
    verb: "create",
    requestURI: "/api/v1/namespaces/a/pods",
    user: { username: "somebody" },
    objectRef: { resource: "pods", namespace: "a", name: id },
    responseStatus: { code: 201 },
    stageTimestamp: "2026-01-01T00:00:00.123456Z",
    ...more,
  });
}

async function inFile(work: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await work(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("each request comes once, in pieces as they are written, with its moment", async () => {
  await inFile(async (path) => {
    await Deno.writeTextFile(path, `${line("old")}\n`);
    const stream = await openAuditStream(path);
    assert.deepEqual(await stream.drain(), []);
    const text = `${line("one")}\n${line("two")}\n`;
    await Deno.writeTextFile(path, text.slice(0, -20), { append: true });
    const [one, ...rest] = await stream.drain();
    assert.equal(one?.name, "one");
    assert.equal(one?.answeredMs, Date.parse("2026-01-01T00:00:00.123Z") + 0.456);
    assert.deepEqual(rest, []);
    await Deno.writeTextFile(path, text.slice(-20), { append: true });
    assert.deepEqual((await stream.drain()).map(({ name }) => name), ["two"]);
    assert.deepEqual(await stream.drain(), []);
  });
});

Deno.test("a watch counts when it starts, not when it ends", async () => {
  await inFile(async (path) => {
    const stream = await openAuditStream(path);
    const lines = ["ResponseStarted", "ResponseComplete"].map((stage) =>
      line("w", { verb: "watch", stage })
    );
    await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
    assert.equal((await stream.drain()).length, 1);
  });
});
