/** From outside of a real cluster: how the program gets in, what it says when it cannot, how it stays. */
import assert from "node:assert/strict";
import { applyAll } from "./apply.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { kubectl, readiness, terminated } from "./command_line.ts";
import { eventually } from "./eventually.ts";
import type { Facts } from "./facts.ts";
import { ACCOUNT, GROUND, Home, tokenOf } from "./outside.ts";
import { freePort } from "./processes.ts";

const LEASE = "outside";

clusterTest("kubectl applies every definition and example on its own side", async ({ facts }) => {
  for (const path of ["crds/generated/", "examples/"]) {
    assert.match(await kubectl(facts, "apply", "--server-side=false", "-f", path), /\w/);
  }
  await kubectl(facts, "delete", "--wait=true", "-f", "examples/");
});

clusterTest(
  "longshore controller-manager --kubeconfig serves a cluster by client certificate",
  async ({ facts }) => {
    await applyAll(facts, GROUND);
    await using home = new Home();
    const flags = [`--kubeconfig=${facts.kubeconfig}`, "--context=test", "--log-level=info"];
    const running = home.start(...flags);
    await readiness(running, /^200 ok$/);
    const { code, out, err } = await terminated(running);
    assert.equal(code, 0);
    assert.match(out, / INFO Ready/);
    assert.equal(err, "");
  },
);

clusterTest(
  "a token, a token in a file and a plugin are taken, with the rights of ARC's Roles",
  async ({ facts }) => {
    await applyAll(facts, GROUND);
    await using home = new Home();
    const token = await tokenOf(facts);
    await Deno.writeTextFile(`${home.folder}/token`, token);
    const credential = { apiVersion: EXEC, kind: "ExecCredential", status: { token } };
    await Deno.writeTextFile(`${home.folder}/answer`, JSON.stringify(credential));
    const exec = {
      apiVersion: EXEC,
      command: "sh",
      args: ["-c", `test -n "$KUBERNETES_EXEC_INFO" && cat "${home.folder}/answer"`],
    };
    for (const user of [{ token }, { tokenFile: "token" }, { exec }]) {
      home.write(facts, user);
      const running = home.start();
      await readiness(running, /^200 ok$/);
      assert.equal((await terminated(running)).code, 0);
    }
  },
);

const EXEC = "client.authentication.k8s.io/v1";

clusterTest(
  "what stands in the way at the start is one sentence and an exit code",
  async ({ facts }) => {
    await applyAll(facts, GROUND);
    await using home = new Home();
    const ended = async (user: unknown, flags: readonly string[] = [], at: Partial<Facts> = {}) => {
      home.write({ ...facts, ...at }, user);
      const { code, err } = await home.start("--log-level=error", ...flags).ended;
      assert.equal(err.trimEnd().split("\n").length, 1, err);
      return `${code} ${err.trimEnd()}`;
    };
    const token = await tokenOf(facts);
    assert.match(
      await ended({ token }, ["--context=prod"]),
      /^2 .* has no context "prod": its contexts are test$/,
    );
    assert.match(
      await ended({ token: "wrong" }),
      /^1 .* does not take our credentials: .*Unauthorized/,
    );
    assert.match(
      await ended({ token }, [], { server: `https://127.0.0.1:${freePort()}` }),
      /^1 The API server https:\/\/127\.0\.0\.1:\d+ cannot be reached: .*refused/,
    );
    assert.match(
      await ended({ token }, ["--watch-single-namespace="]),
      /^1 .*is forbidden: .* at the cluster scope\. Grant our account the roles of the controller's chart$/,
    );
    assert.match(
      await ended({ exec: { apiVersion: EXEC, command: "no-such-plugin" } }),
      /^1 .*is not installed: install it/,
    );
    assert.match(
      await ended({
        exec: { apiVersion: EXEC, command: "sh", args: ["-c", "echo log in >&2; exit 1"] },
      }),
      /^1 .*failed: log in$/,
    );
  },
);

clusterTest(
  "an API server away, then a revoked token cost readiness with the reason, and not the process",
  async (plane) => {
    const { facts } = plane;
    await applyAll(facts, GROUND);
    await using home = new Home();
    home.write(facts, { token: await tokenOf(facts) });
    const running = home.start();
    await readiness(running, /^200 ok$/);
    // Tokens die with their account.
    await kubectl(facts, "delete", "serviceaccount", ACCOUNT.name, "-n", ACCOUNT.namespace);
    await applyAll(facts, GROUND);
    await plane.do("kill", "kube-apiserver");
    try {
      await readiness(
        running,
        /^503 caches: .*refused.*\(for \d+ s: .*pods in namespace "longshore-team"/,
      );
    } finally {
      await plane.do("start", "kube-apiserver");
    }
    await readiness(running, /^503 caches: .*Unauthorized/);
    home.write(facts, { token: await tokenOf(facts) });
    await readiness(running, /^200 ok$/);
    assert.equal((await terminated(running)).code, 0);
  },
);

clusterTest(
  "when the leader ends the other leads at once, when it is killed after its lease",
  async ({ facts }) => {
    await applyAll(facts, GROUND);
    await using home = new Home();
    home.write(facts, { token: await tokenOf(facts) });
    const flags = ["--enable-leader-election", `--leader-election-id=${LEASE}`];
    const holder = () =>
      kubectl(
        facts,
        "get",
        "lease",
        LEASE,
        "-n",
        ACCOUNT.namespace,
        "-o",
        "jsonpath={.spec.holderIdentity}",
      );
    const first = home.start(...flags);
    const one = await eventually("the first to lead", async () => await holder() || undefined);
    const second = home.start(...flags);
    await readiness(second, /^200 ok$/);
    assert.equal(await holder(), one);
    assert.equal((await terminated(first)).code, 0);
    assert.notEqual(await holder(), one, "given back, and not waited for");
    const other = async (than: string) => {
      const now = await holder();
      return now !== "" && now !== than ? now : undefined;
    };
    const two = await eventually("the second to lead", () => other(one));
    const third = home.start(...flags);
    await readiness(third, /^200 ok$/);
    second.signal("SIGKILL");
    await second.ended;
    await eventually("the third to lead", () => other(two));
    assert.equal((await terminated(third)).code, 0);
    assert.equal(await holder(), "");
  },
);
