/** A real cluster that cannot be served as it is: what the program says at the start, and how it waits at run time. */
import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { grant, kindObjects } from "../../sim/world_objects.ts";
import { applyAll } from "./apply.ts";
import { createAuthority, type Identity } from "./certificates.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { kubectl, readiness, terminated } from "./command_line.ts";
import { eventually } from "./eventually.ts";
import type { Facts } from "./facts.ts";
import { ACCOUNT, GROUND, Home, tokenOf } from "./outside.ts";

const GROUP = "/apis/actions.github.com/v1alpha1";
const RUNNERS = "crd/ephemeralrunners.actions.github.com";
const RUNNER_SETS = "crd/ephemeralrunnersets.actions.github.com";
const PATCH_ID = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/patchID";

/** Starts the program with a token and waits for its end: exit code and what it said. */
async function refusal(facts: Facts, home: Home): Promise<string> {
  home.write(facts, { token: await tokenOf(facts) });
  const { code, err } = await home.start("--log-level=error").ended;
  assert.equal(err.trimEnd().split("\n").length, 1, err);
  return `${code} ${err.trimEnd()}`;
}

/** Waits until the server's own description at `path` does (or does not) have these words: it follows definitions late. */
async function described(facts: Facts, path: string, isSo: (text: string) => boolean) {
  await eventually(`${path} to follow`, async () => {
    return isSo(await kubectl(facts, "get", "--raw", path)) || undefined;
  });
}

/** Whether an EphemeralRunnerSet keeps its order's number, by the group's OpenAPI document. */
function hasPatchId(text: string): boolean {
  const { schemas } = JSON.parse(text).components;
  const kind = Object.keys(schemas).find((name) => name.endsWith(".EphemeralRunnerSet"));
  return schemas[kind ?? ""]?.properties.spec.properties.patchID !== undefined;
}

/** Our kinds as they should be, and seen to be. */
async function mended(facts: Facts): Promise<void> {
  await applyAll(facts, kindObjects());
  await described(facts, GROUP, (text) => text.includes('"ephemeralrunners"'));
  await described(facts, `/openapi/v3${GROUP}`, hasPatchId);
}

clusterTest(
  "a kind that is missing is named at the start; at run time it costs readiness until it is back",
  async ({ facts }) => {
    await applyAll(facts, GROUND);
    await using home = new Home();
    home.write(facts, { token: await tokenOf(facts) });
    const running = home.start();
    await readiness(running, /^200 ok$/);
    try {
      await kubectl(facts, "delete", RUNNERS);
      await described(facts, GROUP, (text) => !text.includes('"ephemeralrunners"'));
      assert.match(
        await refusal(facts, home),
        /^1 .*does not serve EphemeralRunner of actions\.github\.com\/v1alpha1: install .*kubectl apply/,
      );
      await readiness(running, /^503 caches: .*ephemeralrunners/);
    } finally {
      await mended(facts);
    }
    await readiness(running, /^200 ok$/);
    assert.equal((await terminated(running)).code, 0);
  },
);

clusterTest(
  "a definition that is too old is refused at the start, with the field that it lacks",
  async ({ facts }) => {
    await applyAll(facts, GROUND);
    await using home = new Home();
    const removal = JSON.stringify([{ op: "remove", path: PATCH_ID }]);
    try {
      await kubectl(facts, "patch", RUNNER_SETS, "--type=json", `--patch=${removal}`);
      await described(facts, `/openapi/v3${GROUP}`, (text) => !hasPatchId(text));
      assert.match(
        await refusal(facts, home),
        /^1 .*too old: they lack EphemeralRunnerSet spec\.patchID\. Replace them/,
      );
    } finally {
      await mended(facts);
    }
  },
);

clusterTest(
  "a verb that is forbidden is named at the start, with what grants it",
  async ({ facts }) => {
    const { namespace } = ACCOUNT;
    await applyAll(facts, GROUND);
    const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["list", "watch"] }];
    try {
      await applyAll(facts, grant(ACCOUNT, { name: "own", rules, namespace }));
      await using home = new Home();
      assert.match(await refusal(facts, home), /^1 .*(?:cannot|forbidden).*Grant .*roles/);
    } finally {
      await applyAll(facts, GROUND);
    }
  },
);

clusterTest(
  "a client certificate that has ended, and one of another authority, are each refused in one sentence",
  async ({ facts }) => {
    await using home = new Home();
    const refusalOf = async ({ cert, key }: Identity) => {
      home.write(facts, { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) });
      const { code, err } = await home.start("--log-level=error").ended;
      return `${code} ${err.trimEnd()}`;
    };
    const issued = async (now: Date) =>
      await (await createAuthority(now)).client("kubernetes-admin", ["system:masters"]);
    assert.match(await refusalOf(await issued(new Date(0))), /^[12] .* ended on 1970-01-31.*$/);
    assert.match(
      await refusalOf(await issued(systemClock.now())),
      /^1 .* does not take our credentials: .*Unauthorized.*$/,
    );
  },
);
