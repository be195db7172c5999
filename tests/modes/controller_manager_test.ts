import assert from "node:assert/strict";
import { parseFlags } from "../../lib/flags.ts";
import { controllerManagerMode as mode } from "../../modes/controller_manager.ts";

function config(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return parseFlags(mode.flags, { args: ["--namespace=n", "--image=i", ...args], env }).config;
}

function pure(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

pure("a cluster must be named: by where we run, by a kubeconfig or by a context", () => {
  assert.throws(() => mode.check?.(config([])), /No cluster is named: expected --kubeconfig FILE/);
  for (
    const [args, env] of [
      [["--kubeconfig=f"], {}],
      [["--context=c"], {}],
      [[], { KUBECONFIG: "f" }],
      [[], { KUBERNETES_SERVICE_HOST: "10.0.0.1" }],
    ] as const
  ) mode.check?.(config(args, env));
});

pure(
  "in a pod no kubeconfig is looked for, and a named one comes before the pod's own cluster",
  () => {
    const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", HOME: "/root" };
    assert.equal(mode.cluster?.(config([], env)), undefined);
    assert.equal(mode.cluster?.(config(["--kubeconfig=f"], env))?.kubeconfig, "f");
  },
);
