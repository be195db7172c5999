import assert from "node:assert/strict";
import { silentLogger } from "../../lib/log.ts";
import { withMetricsToken } from "../../modes/metrics_access.ts";

async function status(path: string, authorization?: string): Promise<number> {
  const route = withMetricsToken(() => Promise.resolve(new Response("metrics")), {
    metricsTokenFile: path,
    log: silentLogger,
  });
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const response = await route(new Request("http://x/metrics", { headers }));
  await response.body?.cancel();
  return response.status;
}

Deno.test("without a file whoever asks is answered", async () => {
  assert.equal(await status(""), 200);
});

Deno.test("with a file only its token opens, and a rotated file at once", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "one\n");
  assert.equal(await status(path), 401);
  assert.equal(await status(path, "Bearer two"), 401);
  assert.equal(await status(path, "Basic one"), 401);
  assert.equal(await status(path, "Bearer one"), 200);
  await Deno.writeTextFile(path, "two");
  assert.equal(await status(path, "Bearer one"), 401);
  assert.equal(await status(path, "bearer two"), 200);
  await Deno.writeTextFile(path, "");
  assert.equal(await status(path, "Bearer "), 503);
  await Deno.remove(path);
  assert.equal(await status(path, "Bearer two"), 503);
});
