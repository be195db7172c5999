/** All that the checks may look at, gathered once. Types only; holds no secret. */
import type { AccessProblem } from "../../controllers/github_access.ts";
import type { Lacking } from "../../controllers/needed_fields.ts";
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import type {
  Deployment,
  KubeObject,
  Lease,
  LimitRange,
  Pod,
  ResourceQuota,
} from "../../kube/types.ts";
import type { Seen } from "./seen.ts";

/** Our kinds as the cluster serves them. */
export interface Definitions extends Lacking {
  readonly missing: readonly string[];
}

/** What an account may not do. */
export interface LackingRights {
  /** `the controller's account "ns/name"`. */
  readonly who: string;
  /** `namespace "x"`, `the cluster`. */
  readonly where: string;
  /** Each as "verb, verb resource.group". */
  readonly needed: readonly string[];
  /** The same; something is lost without them, and all the rest works. */
  readonly useful: readonly string[];
}

/** What GitHub answered for one runner set. */
export interface GitHubAnswer {
  /** "namespace/name" of the set. */
  readonly set: string;
  readonly configUrl: string;
  /** The registration was taken, or what stood in its way. */
  readonly proof: { readonly is: "taken" } | {
    readonly is: "refused" | "unreachable";
    readonly message: string;
  };
  /** Absent: not asked. `undefined` inside: there is none of that name or id. */
  readonly group?: { readonly name: string; readonly id: number | undefined };
  readonly scaleSet?: { readonly wanted: string; readonly name: string | undefined };
}

/** How far a server's clock is ahead of ours, in ms. */
export interface ClockReading {
  readonly host: string;
  readonly whose: "cluster" | "github";
  readonly aheadMs: number;
}

export interface Facts {
  readonly now: Date;
  /** Version of the API server. */
  readonly version: Seen<string>;
  readonly definitions: Seen<Definitions>;
  readonly sets: Seen<readonly AutoscalingRunnerSet[]>;
  readonly listeners: Seen<readonly AutoscalingListener[]>;
  readonly runnerSets: Seen<readonly EphemeralRunnerSet[]>;
  readonly runners: Seen<readonly EphemeralRunner[]>;
  readonly pods: Seen<readonly Pod[]>;
  /** Of controllers. */
  readonly deployments: Seen<readonly Deployment[]>;
  /** Of controllers. */
  readonly leases: Seen<readonly Lease[]>;
  readonly rights: readonly Seen<LackingRights>[];
  /** By "namespace/name" of the set: what is wrong with the documents that it names, nothing when they are well. */
  readonly documents: ReadonlyMap<string, Seen<AccessProblem | undefined>>;
  readonly github: readonly Seen<GitHubAnswer>[];
  readonly clocks: readonly ClockReading[];
  readonly quotas: Seen<readonly ResourceQuota[]>;
  readonly limitRanges: Seen<readonly LimitRange[]>;
  /** For each kind that we look at: whose deletion was asked for. */
  readonly deleting: readonly Seen<readonly KubeObject[]>[];
}
