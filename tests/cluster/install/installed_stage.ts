/**
 * A cluster in which nothing of ours is installed yet, with helm at hand: the controller comes as the pod of its
 * Deployment, with the rights that its chart gives it. Knows how it is opened and cleared, not what is installed.
 */
import assert from "node:assert/strict";
import type { Pod } from "../../../kube/types.ts";
import { type LogFields, type Logger, silentLogger } from "../../../lib/log.ts";
import { idleProgram } from "../../../sim/programs.ts";
import { ABSENT, PROGRAM_ENV } from "../../chart/chart_test_case.ts";
import { githubLeft } from "../../journeys/invariants.ts";
import { clusterTest } from "../cluster_test_case.ts";
import { kubectl } from "../command_line.ts";
import { eventually } from "../eventually.ts";
import type { Facts } from "../facts.ts";
import type { RealStage, RealStageOptions } from "../real_stage.ts";
import { openWatchedRealStage, type RealWatched } from "../watched.ts";
import { added, content } from "./content.ts";
import { CONTROLLER_CHART, helm, helmRelease, type Release, RUNNER_SET_CHART } from "./helm.ts";
import { managerProgram } from "./manager_program.ts";

/** Registers a test that installs; it is skipped, by name, where there is no helm. */
export function installTest(claim: string, holds: (facts: Facts) => Promise<void>): void {
  if (Deno.env.get(PROGRAM_ENV.helm) !== ABSENT) {
    return clusterTest(claim, ({ facts }) => holds(facts));
  }
  Deno.test({ name: `${claim} (needs helm)`, ignore: true, fn: () => {} });
}

export interface Installed extends RealWatched, AsyncDisposable {
  readonly stage: RealStage;
  /** Our controller under a release name, by default `arc` in `arc-systems`. */
  controller(changes?: Partial<Release>): Release;
  /** A runner set of ours, by default `linux` in `arc-runners`. */
  runnerSet(changes?: Partial<Release>): Release;
  /** `helm upgrade --install`. */
  upgrade(release: Release): Promise<void>;
  uninstall(release: Release, ...args: readonly string[]): Promise<void>;
  /** Fails unless cluster and GitHub hold no more than before the first release, within 90 s. */
  untilNothingLeft(): Promise<void>;
  /** The same for the cluster alone. */
  untilNothingInstalled(): Promise<void>;
  /** What is there now that was not there before the first release. */
  added(): Promise<readonly string[]>;
}

export const SYSTEM = "arc-systems";
export const RUNNERS = "arc-runners";
const ARCS_IMAGE = /^ghcr\.io\/actions\//;
/** What no wiping of namespaces finds: the rights of the releases that tests make. */
const CLUSTER_WIDE = [
  "arc-gha-rs-controller",
  "arc-gha-rs-controller-events",
  "arc-gha-rs-controller-uninstall",
];

/** Dispose of it, not of its stage. What pods of ours write is in `installed.log`, beside the logs of the control plane. `namespaces` are made, with these labels, and stay. */
export async function openInstalled(
  facts: Facts,
  { namespaces = {}, ...options }: Omit<RealStageOptions, "programs" | "rightsAre"> & {
    readonly max: number;
    readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  },
): Promise<Installed> {
  const stack = new AsyncDisposableStack();
  const takeLog = (line: string) =>
    Deno.writeTextFileSync(`${facts.folder}/installed.log`, `${line.trimEnd()}\n`, {
      append: true,
    });
  await clear(facts);
  for (const [name, labels] of Object.entries({ [SYSTEM]: {}, [RUNNERS]: {}, ...namespaces })) {
    await namespaceWith(facts, name, labels);
  }
  const watched = await openWatchedRealStage(facts, {
    log: heard(takeLog),
    ...options,
    rightsAre: "installed",
    programs: (container, pod) =>
      container !== "manager" ? undefined : isArcs(pod)
        ? idleProgram // ARC's own program is not at hand
        : managerProgram(takeLog),
  });
  const { stage } = watched;
  stack.use(stage);
  stack.defer(() => clear(facts));
  const before = await content(facts);
  const githubHosts = `--github-hosts=github.com=${stage.githubUrl}`;
  const untilNothingInstalled = async () => {
    await eventually("nothing to be left", async () => {
      const left = await added(facts, before);
      if (left.length > 0) throw new Error(left.join(", "));
      return true;
    });
  };
  const untilNothingLeft = async () => {
    await untilNothingInstalled();
    assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] }, "left at GitHub");
  };
  return {
    ...watched,
    stage,
    get peak() {
      return watched.peak;
    },
    controller: ({ values, ...changes } = {}) => ({
      name: "arc",
      namespace: SYSTEM,
      chart: CONTROLLER_CHART,
      values: { extraArgs: [githubHosts], ...values },
      ...changes,
    }),
    runnerSet: ({ values, ...changes } = {}) => ({
      name: "linux",
      namespace: RUNNERS,
      chart: RUNNER_SET_CHART,
      values: {
        githubConfigUrl: "https://github.com/acme",
        githubConfigSecret: { github_token: "ghp_example" },
        ...values,
      },
      ...changes,
    }),
    upgrade: async (release) => {
      await helmRelease(facts, ["upgrade", "--install"], release);
    },
    uninstall: async ({ name, namespace }, ...args) => {
      await helm(facts, ["uninstall", name, `--namespace=${namespace}`, ...args]);
    },
    untilNothingInstalled,
    untilNothingLeft,
    added: () => added(facts, before),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Removes what would make pods anew, or outlive the wiping of namespaces. Releases are kept in Secrets, which are wiped. */
async function clear(facts: Facts): Promise<void> {
  await kubectl(
    facts,
    "delete",
    "deployments,replicasets,jobs",
    "--all",
    "--all-namespaces",
    "--cascade=background",
  );
  await kubectl(
    facts,
    "delete",
    "clusterroles,clusterrolebindings",
    ...CLUSTER_WIDE,
    "--ignore-not-found",
  );
}

async function namespaceWith(
  facts: Facts,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  await eventually(`namespace ${name}`, async () => {
    const there = await kubectl(facts, "get", "namespace", name, "--ignore-not-found", "-o=name");
    if (there === "") await kubectl(facts, "create", "namespace", name);
    const account = ["get", "serviceaccount", "default", "-o=name", `--namespace=${name}`];
    return await kubectl(facts, ...account);
  });
  const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  if (words.length > 0) await kubectl(facts, "label", "namespace", name, "--overwrite", ...words);
}

function isArcs(pod: Pod): boolean {
  return pod.spec?.containers.some(({ image = "" }) => ARCS_IMAGE.test(image)) ?? false;
}

/** Takes what listeners say, wherever they run. */
function heard(take: (line: string) => void): Logger {
  const line = (sentence: string, fields: LogFields = {}) =>
    take(`${sentence} ${JSON.stringify(fields)}`);
  const logger: Logger = {
    ...silentLogger,
    debug: line,
    error: line,
    with: () => logger,
    child: () => logger,
  };
  return logger;
}
