/**
 * The product's main thread, in a binary that tests alone build, which tries forbidden things itself once it has given up
 * what it gives up. Everything else is the product: arguments, environment, sandbox, worker.
 */
import process from "node:process";
import { main } from "../../main.ts";
import { environmentOf } from "../../modes/environment.ts";
import { giveUp, type Power } from "../../modes/powers.ts";
import { ALLOWED, FORBIDDEN, FORBIDDEN_HOSTS, outcomes } from "./attempts.ts";

const places = JSON.parse(Deno.readTextFileSync(Deno.env.get("PROBE_PLAN") ?? "")).places;

let times = 0;
const reported = Promise.withResolvers<void>();

await main({
  args: Deno.args,
  programPath: process.argv0,
  env: environmentOf((name) => Deno.env.get(name)),
  out: Deno.stdout,
  err: Deno.stderr,
  giveUp: (powers) => {
    giveUp(powers);
    void report(++times, powers);
  },
});
await reported.promise;
Deno.exit(0);

/** The first time nothing has been started, the second time the worker is up. */
async function report(time: number, powers: readonly Power[]): Promise<void> {
  if (time !== 2) return;
  const found = await outcomes([...FORBIDDEN, ...FORBIDDEN_HOSTS, ...ALLOWED], places);
  const text = JSON.stringify({ powers, outcomes: found });
  let rest = new TextEncoder().encode(`${text}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  reported.resolve();
}
