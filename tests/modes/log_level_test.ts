import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { logLevelRoute } from "../../modes/log_level.ts";
import { serveAll } from "../../modes/serving.ts";

function route() {
  const lines: string[] = [];
  const log = createLogger({
    level: "info",
    format: "json",
    clock: systemClock,
    write: (line) => lines.push(line),
  });
  const answer = logLevelRoute(log, "info");
  const ask = async (method: string, body?: string) => {
    const request = new Request("http://x/log-level", { method, body: body ?? null });
    const response = await answer(request);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  return { log, lines, ask };
}

Deno.test("the level of a running log can be told and changed", async () => {
  const { log, lines, ask } = route();
  assert.equal(await ask("GET"), "200 info");
  log.debug("before");
  assert.equal(await ask("PUT", "debug\n"), "200 debug");
  log.debug("after");
  assert.equal(await ask("GET"), "200 debug");
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), [
    "The log level was changed",
    "after",
  ]);
});

Deno.test("a word that is no level changes nothing and is told those there are", async () => {
  const { ask } = route();
  assert.equal(
    await ask("PUT", "loud"),
    '400 "loud" is no level: expected debug, info, warn, error',
  );
  assert.equal(await ask("DELETE"), "405 method not allowed");
  assert.equal(await ask("GET"), "200 info");
});

Deno.test("every server of a mode has it, for this machine", async () => {
  const port = freePort();
  const { log } = route();
  const address = { host: "127.0.0.1", port };
  await using _server = serveAll([{ address, routes: {} }], {
    clock: systemClock,
    log,
    level: "info",
  });
  const response = await fetch(`http://127.0.0.1:${port}/log-level`, {
    method: "PUT",
    body: "warn",
  });
  assert.deepEqual([response.status, await response.text()], [200, "warn\n"]);
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
