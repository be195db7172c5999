/** Everything a controller may do to the world, as plain data. Who carries it out is in `executors.ts`. */
import type { ProxyConfig, TlsConfig } from "../../crds/shared_fields.ts";
import type { Happened } from "../../kube/events.ts";
import type { AnyType, KubeObject, ObjectKey, ObjectMeta, Pod } from "../../kube/types.ts";

/** Where a call to GitHub goes: everything that the choice of a service and a credential depends on. */
export interface GitHubTarget {
  readonly namespace: string;
  readonly configUrl: string;
  readonly secretName: string;
  /** Absent: the controller's own proxies. */
  readonly proxy?: ProxyConfig;
  /** Absent: the system's certificates alone. */
  readonly serverTls?: TlsConfig;
  /** Where the credentials are in place of a Secret. */
  readonly vaultType?: string;
}

/** Fails rather than touch a finalizer of somebody else; an object that is gone is a success. */
interface FinalizerStep<Name> {
  readonly do: Name;
  readonly type: AnyType;
  readonly object: KubeObject;
  readonly finalizers: readonly string[];
}

/** A decision of the listener, as an EphemeralRunnerSet carries it. */
export interface ServedDecision {
  readonly patchId: number;
  readonly replicas: number;
}

export type Step =
  | { readonly do: "create"; readonly type: AnyType; readonly object: KubeObject }
  | {
    readonly do: "patch";
    readonly type: AnyType;
    readonly key: ObjectKey;
    /** A JSON merge patch. */
    readonly patch: unknown;
  }
  | {
    readonly do: "delete";
    readonly type: AnyType;
    readonly key: ObjectKey;
    readonly uid: string;
    /** Absent: what the object itself says. 0: nobody is waited for. */
    readonly graceSeconds?: number;
    /** It goes with its owner anyway: rights that are gone already keep nothing from being done. */
    readonly whenForbidden?: "go-on";
  }
  | FinalizerStep<"add-finalizer">
  | FinalizerStep<"remove-finalizers">
  | ({ readonly do: "record-event" } & Happened)
  /** Find the scale set by name and group or make it, and write its id and names onto the runner set. */
  | {
    readonly do: "register-scale-set";
    readonly runnerSet: ObjectKey;
    readonly target: GitHubTarget;
    readonly name: string;
    /** Empty: the default group. */
    readonly group: string;
    readonly labels: readonly string[];
    /** The scale set that is no longer believed to exist: when it does, nothing changes. */
    readonly replaces?: number;
    /** What else the same patch writes: labels from the URL, the name into the spec. */
    readonly alsoWrite: unknown;
  }
  | {
    readonly do: "update-scale-set";
    readonly runnerSet: ObjectKey;
    readonly target: GitHubTarget;
    readonly scaleSetId: number;
    readonly change:
      | { readonly name: string }
      | { readonly group: string }
      | { readonly labels: readonly string[] };
  }
  | {
    readonly do: "delete-scale-set";
    readonly target: GitHubTarget;
    readonly scaleSetId: number;
    /** Present: this is the last time of asking. When GitHub does not do it, this is told, and the plan goes on. */
    readonly orElse?: Happened | undefined;
    /** How long GitHub may take to answer, its retries included, in ms. Absent: as long as a call takes. */
    readonly withinMs?: number;
  }
  /**
   * Remove a scale set that the runner set had elsewhere, and forget it when that is done. When GitHub refuses or fails,
   * that is told and the plan goes on; it is not asked again at once.
   */
  | {
    readonly do: "retire-scale-set";
    readonly runnerSet: ObjectKey;
    readonly target: GitHubTarget;
    readonly scaleSetId: number;
    readonly orElse: Happened;
    readonly withinMs: number;
    /** The merge patch by which the runner set forgets it. */
    readonly forget: unknown;
  }
  /** Ask the API server whether it would take a pod of this template; the answer is remembered, and looked at next. */
  | {
    readonly do: "check-pod-template";
    /** Of the runner set. */
    readonly uid: string;
    readonly hash: string;
    readonly pod: Pod;
  }
  /** Register the runner, store its JIT configuration, create its pod. */
  | {
    readonly do: "start-runner";
    readonly runner: KubeObject;
    readonly target: GitHubTarget;
    readonly scaleSetId: number;
    readonly workFolder: string;
    /** Labels and annotations of the JIT Secret. */
    readonly secretMetadata: Pick<ObjectMeta, "labels" | "annotations">;
    readonly pod: Pod;
  }
  /** Ends the attempt quietly when the runner has a job. `runnerId` undefined: look it up by name. */
  | {
    readonly do: "deregister-runner";
    readonly target: GitHubTarget;
    readonly runnerId: number | undefined;
    readonly runnerName: string;
    readonly scaleSetId: number;
    /** How long to wait when GitHub says that a job runs there. */
    readonly whenBusyMs: number;
    /** As for `delete-scale-set`. */
    readonly orElse?: Happened | undefined;
    readonly withinMs?: number;
    /** A job is waited for even at the last time of asking: its pod lives. */
    readonly sparesJob?: boolean;
    /** UID of the set that makes another one when GitHub lets this one go. Absent: it need not. */
    readonly owedTo?: string | undefined;
    /** Nobody waits for the answer: GitHub is not asked while it fails. */
    readonly isCourtesy?: boolean;
  }
  /**
   * Ask GitHub to remove idle runners, in order, until `count` were let go; only those are deleted. A busy one is left
   * alone and the next one is asked.
   */
  | {
    readonly do: "retire-runners";
    readonly target: GitHubTarget;
    readonly candidates: readonly {
      readonly runnerId: number;
      readonly key: ObjectKey;
      readonly uid: string;
      /** Where it is registered. Absent: as the step says. */
      readonly target?: GitHubTarget;
    }[];
    readonly count: number;
  }
  /** Ask GitHub for all runners there are, and remember what it says of those with these names. Never fails. */
  | {
    readonly do: "list-runners";
    readonly target: GitHubTarget;
    /** Of the EphemeralRunnerSet, and its listener's session. */
    readonly uid: string;
    readonly session: string | undefined;
    readonly names: readonly string[];
  }
  /** Ask GitHub to remove one idle runner; when it agrees, mark it as failed: its set replaces it and deletes it. */
  | {
    readonly do: "replace-runner";
    readonly target: GitHubTarget;
    readonly runnerId: number;
    readonly key: ObjectKey;
    readonly reason: string;
    readonly message: string;
    /** `absent`: nothing happens when GitHub knows a runner of this name after all. */
    readonly onlyIf?: "absent";
    /** Present: this counts as a failure. UIDs of the EphemeralRunnerSet and of the runner. */
    readonly lost?: { readonly set: string; readonly uid: string };
  }
  /** Remember that a decision of the listener was carried out whole, until the status says so. */
  | {
    readonly do: "note-served";
    readonly uid: string;
    readonly served: ServedDecision;
  }
  /** Ends the attempt when the object, which no cache shows, is there all the same. */
  | {
    readonly do: "confirm-gone";
    readonly type: AnyType;
    readonly key: ObjectKey;
  }
  /** Read the object again, as no watch tells of it: the caches show it as it is. */
  | {
    readonly do: "look-at";
    readonly type: AnyType;
    readonly key: ObjectKey;
    readonly uid: string;
  }
  /** Pods and Secrets that the container hooks made for a runner's job. */
  | { readonly do: "delete-linked"; readonly runner: ObjectKey }
  /** Flatten the proxies in use, with their credentials, into a Secret. */
  | {
    readonly do: "write-proxy-secret";
    readonly target: GitHubTarget;
    /** Without its data. */
    readonly secret: KubeObject;
    /** Of what is in use: remembered, so that it is not written again. */
    readonly fingerprint: string;
  }
  /** Compose the listener's configuration with its credentials, and store it. */
  | {
    readonly do: "write-listener-config";
    readonly listener: ObjectKey;
    readonly secret: KubeObject;
    readonly target: GitHubTarget;
    /** The document but for its credentials. */
    readonly document: unknown;
    /** What the listener's annotation says afterwards, so that it is not written again. */
    readonly hash: string;
  }
  /** Let go of an object that ARC's chart protects with a finalizer. */
  | {
    readonly do: "release-protected";
    readonly type: AnyType;
    readonly key: ObjectKey;
  };

export type StepName = Step["do"];

/** What an executor may answer: that the rest of the plan has to wait, which is no failure. */
export interface Wait {
  readonly waitMs: number;
}

/** One executor per step; a new step does not compile until somebody carries it out. */
export type Executors = {
  readonly [Name in StepName]: (
    step: Extract<Step, { do: Name }>,
    signal: AbortSignal,
  ) => Promise<Wait | void>;
};
