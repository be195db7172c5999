import { deepEqual, equal, ok } from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import type { ActionsService } from "../../github/service.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  aService,
  exception,
  finished,
  json,
  type Script,
  type ScriptedGitHub,
  scriptedGitHub,
  SETS,
} from "./scripted.ts";

const GROUPS = "/tenant/123/_apis/runtime/runnergroups/";

const LINUX = {
  id: 7,
  name: "linux-small",
  runnerGroupId: 1,
  runnerGroupName: "Default",
  labels: [{ id: 11, name: "linux-small", type: "System" }],
  runnerSetting: { disableUpdate: true },
  createdOn: "2026-01-01T12:00:00.123Z",
};

const FOUND = {
  id: 7,
  name: "linux-small",
  runnerGroupId: 1,
  runnerGroupName: "Default",
  labels: ["linux-small"],
};

/** What `work` does against a service that answers "METHOD path" with `script`. */
async function outcome(
  call: string,
  script: Script,
  work: (service: ActionsService) => Promise<unknown>,
): Promise<{ readonly value: unknown; readonly github: ScriptedGitHub }> {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, { [call]: script });
  const running = work(aService({ clock, fetch: github.fetch }));
  const value = await finished(clock, running).catch((thrown) => {
    ok(thrown instanceof GitHubError, String(thrown));
    return thrown.code;
  });
  return { value, github };
}

const list = (value: readonly unknown[], count = value.length) => () => json({ count, value });

Deno.test("§20.35 finding a scale set goes by the count, and a 404 is no absence", async () => {
  const rows: readonly (readonly [Script, unknown])[] = [
    [list([LINUX]), FOUND],
    [list([]), undefined],
    [list([LINUX], 0), undefined],
    [list([LINUX, LINUX]), "github_bad_answer"],
    [list([], 1), "github_bad_answer"],
    [() => exception(404, "SomethingException"), "github_not_found"],
  ];
  for (const [script, wanted] of rows) {
    const { value } = await outcome(`GET ${SETS}`, script, (s) => s.findScaleSet("linux-small", 1));
    deepEqual(value, wanted);
  }
});

Deno.test("§20.37 names with blanks and signs arrive as they are", async () => {
  for (const name of ["a b", "a+b", "a&b=c", "a#b", "50%", "ü", "a;b"]) {
    const set = await outcome(`GET ${SETS}`, list([]), (s) => s.findScaleSet(name, 5));
    const query = set.github.sent.at(-1)?.url.searchParams;
    deepEqual([query?.get("name"), query?.get("runnerGroupId")], [name, "5"]);
    const group = await outcome(`GET ${GROUPS}`, list([]), (s) => s.findRunnerGroup(name));
    equal(group.github.sent.at(-1)?.url.searchParams.get("groupName"), name);
  }
});

Deno.test("§20.39 a runner group is found by name; none is an answer, several are an error", async () => {
  const group = { id: 5, name: "prod", size: 3, isDefaultGroup: false };
  const rows: readonly (readonly [Script, unknown])[] = [
    [list([group]), { id: 5, name: "prod" }],
    [list([]), undefined],
    [list([group, group]), "github_bad_answer"],
  ];
  for (const [script, wanted] of rows) {
    const { value, github } = await outcome(
      `GET ${GROUPS}`,
      script,
      (service) => service.findRunnerGroup("prod"),
    );
    deepEqual(value, wanted);
    ok(github.sent.at(-1)?.url.href.includes("/_apis/runtime/runnergroups/?"));
  }
});

Deno.test("§20.36 creating sends name, group, labels and the setting, and takes 200 only", async () => {
  const draft = { name: "linux-small", runnerGroupId: 1, labels: ["linux-small", "gpu", "gpu"] };
  const rows: readonly (readonly [Script, unknown])[] = [
    [() => json(LINUX), FOUND],
    [() => json(LINUX, { status: 201 }), "github_bad_answer"],
    [() => json({ ...LINUX, id: 0 }), "github_bad_answer"],
    [() => exception(400, "RunnerScaleSetExistsException"), "github_refused"],
  ];
  for (const [script, wanted] of rows) {
    const { value, github } = await outcome(
      `POST ${SETS}`,
      script,
      (service) => service.createScaleSet(draft),
    );
    deepEqual(value, wanted);
    deepEqual(JSON.parse(github.sent.at(-1)?.body ?? ""), {
      name: "linux-small",
      runnerGroupId: 1,
      labels: [{ type: "System", name: "linux-small" }, { type: "System", name: "gpu" }],
      RunnerSetting: { disableUpdate: true },
      createdOn: "0001-01-01T00:00:00Z",
    });
  }
});

Deno.test("§20.38 a change sends the changed member alone", async () => {
  const unchanged = { RunnerSetting: {}, createdOn: "0001-01-01T00:00:00Z" };
  const rows: readonly (readonly [Parameters<ActionsService["updateScaleSet"]>[1], unknown])[] = [
    [{ runnerGroupId: 5 }, { runnerGroupId: 5, ...unchanged }],
    [{ name: "new" }, { name: "new", ...unchanged }],
    [{ labels: ["a"] }, { labels: [{ type: "System", name: "a" }], ...unchanged }],
  ];
  for (const [change, wanted] of rows) {
    const { value, github } = await outcome(
      `PATCH ${SETS}/7`,
      () => json(LINUX),
      (service) => service.updateScaleSet(7, change),
    );
    deepEqual(value, FOUND);
    deepEqual(JSON.parse(github.sent.at(-1)?.body ?? ""), wanted);
  }
});

Deno.test("a scale set that GitHub forgot is absent to get and update, and deleted to delete (§20.40, B5)", async () => {
  const gone = () => exception(404, "RunnerScaleSetNotFoundException");
  const get = (script: Script) =>
    outcome(`GET ${SETS}/7`, script, (service) => service.getScaleSet(7));
  equal((await get(gone)).value, undefined);
  equal((await get(() => json(null))).value, undefined);
  deepEqual((await get(() => json(LINUX))).value, FOUND);
  const update = await outcome(`PATCH ${SETS}/7`, gone, (s) => s.updateScaleSet(7, { name: "x" }));
  equal(update.value, undefined);
});

Deno.test("§20.40 deleting a scale set takes 204, and knows when its runners are busy", async () => {
  const plain = () => new Response("jobs are still running", { status: 409 });
  const rows: readonly (readonly [Script, unknown])[] = [
    [() => new Response(null, { status: 204 }), "deleted"],
    [() => exception(404, "RunnerScaleSetNotFoundException"), "deleted"],
    [() => exception(400, "RunnerScaleSetJobStillRunningException"), "busy"],
    [plain, "busy"],
    [() => exception(400, "OtherException"), "github_refused"],
    [() => json({}), "github_bad_answer"],
  ];
  for (const [script, wanted] of rows) {
    const { value } = await outcome(`DELETE ${SETS}/7`, script, (s) => s.deleteScaleSet(7));
    equal(value, wanted);
  }
});
