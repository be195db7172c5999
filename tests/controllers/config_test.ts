import assert from "node:assert/strict";
import { checkControllerConfig, controllerFlags, ignoredFlags } from "../../controllers/config.ts";
import { parseFlags } from "../../lib/flags.ts";
import { pure } from "./situations.ts";

const ENV = {
  CONTROLLER_MANAGER_POD_NAMESPACE: "arc-systems",
  CONTROLLER_MANAGER_CONTAINER_IMAGE: "image:1",
  KUBERNETES_SERVICE_HOST: "10.0.0.1",
};

const parsed = (args: readonly string[], env: Readonly<Record<string, string>> = ENV) =>
  parseFlags(controllerFlags, { args, env, ignored: ignoredFlags }).config;

pure("the environment of ARC's chart is enough, and ARC's defaults hold", () => {
  const config = parsed([]);
  assert.deepEqual(
    [config.namespace, config.image, config.listenerEntrypoint, config.kubePort],
    ["arc-systems", "image:1", "/ghalistener", 443],
  );
  assert.deepEqual(
    [config.listenerMetricsAddress, config.leaderElectionId, config.logLevel, config.logFormat],
    [":8080", "actions-runner-controller", "debug", "text"],
  );
  assert.ok(!config.leaderElection);
});

pure("the arguments of ARC's chart are understood, those of 0.14.2 too", () => {
  const config = parsed([
    "--auto-scaling-runner-set-only",
    "--log-level=debug",
    "--log-format=json",
    "--runner-max-concurrent-reconciles=2",
    "--update-strategy=immediate",
    "--metrics-addr=0",
    "--listener-metrics-addr=0",
    "--listener-metrics-endpoint=",
    "--watch-single-namespace=team-a",
    "--auto-scaler-image-pull-secrets=a,b",
    "--exclude-label-propagation-prefix=example.com/",
    "--exclude-label-propagation-prefix=other",
    "--enable-leader-election",
    "--leader-election-id=id",
  ]);
  assert.deepEqual(config.listenerPullSecrets, ["a", "b"]);
  assert.deepEqual(config.excludedLabelPrefixes, ["example.com/", "other"]);
  assert.deepEqual([config.metricsAddress, config.listenerMetricsAddress], ["off", "0"]);
  assert.equal(config.watchSingleNamespace, "team-a");
  assert.deepEqual([config.leaderElection, config.leaderElectionId], [true, "id"]);
});

pure("B9: the two workers of ARC's charts count as not given, any other number is meant", () => {
  const workers = (...args: readonly string[]) => parsed(args).runnerWorkers;
  assert.equal(workers("--runner-max-concurrent-reconciles=2"), workers());
  assert.equal(workers("--runner-max-concurrent-reconciles=1"), 1);
  assert.equal(workers("--runner-max-concurrent-reconciles=100"), 100);
});

pure(
  "pull secrets of listeners are given one flag each, as charts give them, or with commas",
  () => {
    const given = (...values: readonly string[]) =>
      parsed(values.map((value) => `--auto-scaler-image-pull-secrets=${value}`))
        .listenerPullSecrets;
    assert.deepEqual(given("one", "two"), ["one", "two"]);
    assert.deepEqual(given("one,two", "", "three"), ["one", "two", "three"]);
  },
);

pure("without its namespace the controller does not start", () => {
  const { CONTROLLER_MANAGER_POD_NAMESPACE: _, ...env } = ENV;
  assert.throws(() => parsed([], env), /CONTROLLER_MANAGER_POD_NAMESPACE/);
});

pure("flags of ARC's older controllers are accepted and mean nothing", () => {
  const before = parsed([]);
  assert.deepEqual(parsed(["--docker-image=d", "--github-token=t", "--port=1"]), before);
});

pure(
  "a label prefix that would hide our own objects from us is refused, and the flag is named",
  () => {
    for (
      const prefix of ["actions.github.com/", "actions", "app.kubernetes.io/", "auto-scaling", ""]
    ) {
      const config = parsed([`--exclude-label-propagation-prefix=${prefix}`]);
      if (config.excludedLabelPrefixes.length === 0) continue;
      assert.throws(
        () => checkControllerConfig(config),
        (thrown: Error) =>
          thrown.message.includes(`--exclude-label-propagation-prefix is "${prefix}": expected`),
      );
    }
    checkControllerConfig(parsed(["--exclude-label-propagation-prefix=example.com/"]));
  },
);
