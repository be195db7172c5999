import assert from "node:assert/strict";
import { InvalidInput } from "../../lib/errors.ts";
import type { LogFormat, LogLevel } from "../../lib/log.ts";
import { createLogger, type RootLogger } from "../../lib/logger.ts";
import { Secret } from "../../lib/secret.ts";
import { VirtualClock } from "../../sim/clock.ts";

interface Heard {
  readonly logger: RootLogger;
  readonly lines: readonly string[];
}

function heard(options: { readonly level?: LogLevel; readonly format?: LogFormat } = {}): Heard {
  const lines: string[] = [];
  const logger = createLogger({
    level: options.level ?? "debug",
    format: options.format ?? "json",
    clock: new VirtualClock(),
    write: (line) => lines.push(line),
  });
  return { logger, lines };
}

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

pure("a line of JSON has time, severity, logger, message and the fields", () => {
  const { logger, lines } = heard();
  logger.child("kube").with({ kind: "Pod" }).child("cache").warn("List failed", { attempt: 2 });
  assert.deepEqual(lines, [
    '{"time":"2026-01-01T12:00:00.000Z","severity":"warn","logger":"kube/cache",' +
    '"message":"List failed","kind":"Pod","attempt":2}',
  ]);
});

pure("a line of text has the same, fields as key=value", () => {
  const { logger, lines } = heard({ format: "text" });
  logger.child("kube").info("List complete", {
    count: 3,
    name: "a",
    why: "it is so",
    gone: undefined,
  });
  assert.deepEqual(lines, [
    '2026-01-01T12:00:00.000Z INFO kube List complete count=3 name=a why="it is so"',
  ]);
});

pure("levels below the lowest are not written, and the level can change for the whole tree", () => {
  const { logger, lines } = heard({ level: "info" });
  const child = logger.child("a");
  child.debug("one");
  logger.setLevel("debug");
  child.debug("two");
  logger.setLevel("error");
  child.warn("three");
  child.error("four");
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["two", "four"]);
});

pure("loggers in one process know nothing of each other", () => {
  const one = heard({ level: "error" });
  const two = heard({ level: "debug", format: "text" });
  one.logger.info("unheard");
  two.logger.info("heard");
  assert.equal(one.lines.length, 0);
  assert.equal(two.lines.length, 1);
});

pure("fields cannot pose as the line's own", () => {
  const { logger, lines } = heard();
  logger.info("true", { message: "false", severity: "error", time: 1, logger: "x" });
  assert.equal(
    lines[0],
    '{"time":"2026-01-01T12:00:00.000Z","severity":"info","logger":"","message":"true"}',
  );
});

for (const format of ["json", "text"] as const) {
  pure(`secrets do not show in ${format}, wherever they are`, () => {
    const { logger, lines } = heard({ format });
    logger.with({ bound: "ghp_hush0" }).error("With Bearer hush1", {
      typed: new Secret("hush2"),
      deep: { list: ["https://u:hush3@host/"] },
      error: new InvalidInput("no ghs_hush4", { cause: new Error("RemoteAuth hush5") }),
      "ghp_hush6": 1,
    });
    assert.doesNotMatch(lines[0] as string, /hush/);
    assert.match(lines[0] as string, /\[redacted\]/);
  });

  pure(`a value cannot break out of its line of ${format}`, () => {
    const { logger, lines } = heard({ format });
    logger.info("a\nb", { c: "d\ne\u001b[31m", f: 'g" h=i' });
    assert.doesNotMatch(lines[0] as string, /\p{Cc}/u);
  });

  pure(`logging in ${format} never throws`, () => {
    const { logger, lines } = heard({ format });
    const round: Record<string, unknown> = { name: "round" };
    round["again"] = round;
    const bad = {
      toJSON() {
        throw new Error("no");
      },
    };
    logger.info("odd", {
      round,
      twice: [round["name"], round["name"]],
      big: 2n,
      bytes: new Uint8Array(3),
    });
    logger.info("bad", { bad });
    assert.equal(lines.length, 2);
    assert.match(lines[0] as string, /\[circular\].*\[3 bytes\]/);
    assert.match(lines[1] as string, /\[unprintable\]/);
  });
}

pure("an object that occurs twice is no circle", () => {
  const { logger, lines } = heard();
  const shared = { a: 1 };
  logger.info("twice", { one: shared, two: { deep: [shared, shared] } });
  assert.deepEqual(JSON.parse(lines[0] as string).two, { deep: [shared, shared] });
});

pure("an error raised on purpose shows its message and cause, a bug its stack", () => {
  const { logger, lines } = heard();
  logger.error("failed", { error: new InvalidInput("wrong", { cause: new Error("deeper") }) });
  logger.error("failed", { error: new TypeError("oops") });
  assert.equal(JSON.parse(lines[0] as string).error, "wrong (cause: deeper)");
  assert.match(JSON.parse(lines[1] as string).error, /^TypeError: oops\n +at /);
});

Deno.test("without a writer, whole lines go to standard output, however little it takes at once", () => {
  const original = Deno.stdout.writeSync;
  let written = "";
  Deno.stdout.writeSync = (bytes) => {
    const taken = bytes.subarray(0, 7);
    written += new TextDecoder().decode(taken);
    return taken.length;
  };
  try {
    const clock = new VirtualClock();
    const logger = createLogger({ level: "info", format: "text", clock });
    logger.info("One");
    logger.info("Two");
    Deno.stdout.writeSync = () => {
      throw new Deno.errors.BrokenPipe();
    };
    logger.info("Lost");
  } finally {
    Deno.stdout.writeSync = original;
  }
  assert.equal(written, "2026-01-01T12:00:00.000Z INFO One\n2026-01-01T12:00:00.000Z INFO Two\n");
});
