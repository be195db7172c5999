import { deepEqual, equal, ok } from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import type { ActionsService } from "../../github/service.ts";
import { errorCode } from "../../lib/errors.ts";
import { Secret } from "../../lib/secret.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  aService,
  exception,
  finished,
  json,
  type Script,
  scriptedGitHub,
  SECRETS,
  SETS,
} from "./scripted.ts";

const RUNNERS = "/tenant/123/_apis/distributedtask/pools/0/agents";
const RUNNER = { id: 42, name: "r-1", runnerScaleSetId: 7, status: "offline" };

async function outcome(
  call: string,
  script: Script,
  work: (service: ActionsService) => Promise<unknown>,
): Promise<{ readonly value: unknown; readonly body: string; readonly query: URLSearchParams }> {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, { [call]: script });
  const running = work(aService({ clock, fetch: github.fetch }));
  const value = await finished(clock, running).catch((thrown) => {
    ok(thrown instanceof GitHubError, String(thrown));
    ok(!thrown.message.includes(SECRETS.jit));
    return thrown.code;
  });
  const last = github.sent.at(-1);
  return { value, body: last?.body ?? "", query: last?.url.searchParams ?? new URLSearchParams() };
}

Deno.test("§20.42 a JIT config needs a runner with an id and the encoded text", async () => {
  const whole = { runner: RUNNER, encodedJITConfig: SECRETS.jit };
  const issued = {
    runnerId: 42,
    runnerName: "r-1",
    scaleSetId: 7,
    encoded: new Secret(SECRETS.jit),
  };
  const rows: readonly (readonly [Script, unknown])[] = [
    [() => json(whole), issued],
    [() => json({ ...whole, runner: null }), "github_bad_answer"],
    [() => json({ ...whole, runner: { name: "r-1" } }), "github_bad_answer"],
    [() => json({ runner: RUNNER }), "github_bad_answer"],
    [() => json(whole, { status: 201 }), "github_bad_answer"],
    [() => exception(409, "TaskAgentExistsException"), "name-taken"],
    [() => exception(404, "RunnerScaleSetNotFoundException"), "no-scale-set"],
    [() => exception(404, "OtherException"), "no-scale-set"],
    [() => exception(403, "AccessDeniedException"), "github_forbidden"],
  ];
  for (const [script, wanted] of rows) {
    const { value, body } = await outcome(
      `POST ${SETS}/7/generatejitconfig`,
      script,
      (service) => service.issueJitConfig({ scaleSetId: 7, runnerName: "r-1", workFolder: "" }),
    );
    if (typeof wanted === "string") equal(value, wanted);
    else {
      deepEqual(JSON.stringify(value), JSON.stringify(wanted));
      equal((value as typeof issued).encoded.reveal(), SECRETS.jit);
    }
    deepEqual(JSON.parse(body), { name: "r-1", workFolder: "" });
  }
});

Deno.test("§20.44 a runner is found by name, with the scale set it belongs to", async () => {
  const found = { id: 42, name: "r-1", scaleSetId: 7 };
  const rows: readonly (readonly [unknown, unknown])[] = [
    [{ count: 1, value: [RUNNER] }, found],
    [{ count: 1, value: [{ id: 42, name: "r-1" }] }, { ...found, scaleSetId: 0 }],
    [{ count: 0, value: [] }, undefined],
    [{ count: 2, value: [RUNNER, RUNNER] }, "github_bad_answer"],
  ];
  for (const [body, wanted] of rows) {
    const { value, query } = await outcome(
      `GET ${RUNNERS}`,
      () => json(body),
      (service) => service.findRunner("r-1"),
    );
    deepEqual(value, wanted);
    equal(query.get("agentName"), "r-1");
  }
});

Deno.test("§20.46 removing a runner is an answer, also when it is busy or unknown", async () => {
  const rows: readonly (readonly [Script, unknown])[] = [
    [() => new Response(null, { status: 204 }), "removed"],
    [() => exception(400, "JobStillRunningException"), "busy"],
    [() => exception(404, "TaskAgentNotFoundException"), "removed"],
    [() => new Response("", { status: 404 }), "removed"],
    [() => exception(500, "JobStillRunningException"), "github_unavailable"],
    [() => json({}), "github_bad_answer"],
  ];
  for (const [script, wanted] of rows) {
    const { value } = await outcome(`DELETE ${RUNNERS}/42`, script, (s) => s.removeRunner(42));
    equal(value, wanted);
  }
});

Deno.test("F23: that a runner is not there is no reason to let go of it while GitHub shows it", async () => {
  const rows: readonly (readonly [Script, Script, string])[] = [
    [
      () => new Response("", { status: 404 }),
      () => json({ id: 42, name: "r" }),
      "github_bad_answer",
    ],
    [
      () => exception(404, "OtherException"),
      () => json({ id: 42, name: "r" }),
      "github_bad_answer",
    ],
    [
      () => new Response("", { status: 404 }),
      () => exception(404, "TaskAgentNotFoundException"),
      "removed",
    ],
    [() => new Response("", { status: 404 }), () => new Response("", { status: 404 }), "removed"],
    [
      () => new Response("", { status: 404 }),
      () => new Response("", { status: 403 }),
      "github_forbidden",
    ],
  ];
  for (const [removal, look, wanted] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, {
      [`DELETE ${RUNNERS}/42`]: removal,
      [`GET ${RUNNERS}/42`]: look,
    });
    const answer = finished(clock, aService({ clock, fetch: github.fetch }).removeRunner(42));
    equal(await answer.catch(errorCode), wanted);
  }
});
