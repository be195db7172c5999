/**
 * What an audit log says of runners: when they, their Secrets and pods came, when they were gone, and who asked how often.
 * Pure. Knows users and resources; refuses to know which implementation made the calls.
 */
import type { TimedRequest } from "./audit_stream.ts";
import type { Life } from "./course.ts";
import type { CallRow } from "./figures.ts";

/** Who is who in a run. */
export interface Clients {
  readonly controllerUser: string;
  /** Of listeners, one ServiceAccount each. */
  readonly listenerPrefix: string;
  readonly kubeletUser: string;
}

/** The milestones that pass through the API server. */
export type AuditedLife = Pick<Life, "ordered" | "registered" | "pod" | "gone">;

const GARBAGE_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector";
const ADMINISTRATOR = "kubernetes-admin";
const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Collects requests in pieces. */
export class AuditFigures {
  readonly #clients: Clients;
  readonly #counts = new Map<string, CallRow>();
  readonly #lives = new Map<string, AuditedLife>();
  #runners = 0;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  add(requests: readonly TimedRequest[]): void {
    for (const request of requests) this.#add(request);
  }

  /** By client, then the most frequent first. */
  rows(): readonly CallRow[] {
    return [...this.#counts.values()].sort((a, b) =>
      a.client === b.client ? b.count - a.count : a.client < b.client ? -1 : 1
    );
  }

  /** EphemeralRunners that were created. */
  get runners(): number {
    return this.#runners;
  }

  /** What is known of a runner; `gone` is the last thing done to its object, which for one that is gone is its end. */
  lifeOf(runner: string): AuditedLife {
    return this.#lives.get(runner) ?? {};
  }

  /** Forgets a runner whose times are known: an hour of them is many. */
  forget(runner: string): void {
    this.#lives.delete(runner);
  }

  #add({ user, verb, resource, name, code, answeredMs }: TimedRequest): void {
    const client = this.#clientOf(user);
    const id = `${client} ${verb} ${resource}`;
    const count = (this.#counts.get(id)?.count ?? 0) + 1;
    this.#counts.set(id, { client, verb, resource, count });
    if (!WRITES.has(verb) || code >= 300) return;
    const isCreate = verb === "create";
    if (isCreate && resource === "ephemeralrunners") {
      this.#runners++;
      this.#note(name, { ordered: answeredMs });
    }
    if (isCreate && resource === "secrets") this.#note(name, { registered: answeredMs });
    if (isCreate && resource === "pods") this.#note(name, { pod: answeredMs });
    if (resource.split("/")[0] === "ephemeralrunners") this.#note(name, { gone: answeredMs });
  }

  #note(runner: string, moment: AuditedLife): void {
    this.#lives.set(runner, { ...this.#lives.get(runner), ...moment });
  }

  #clientOf(user: string): string {
    const { controllerUser, kubeletUser, listenerPrefix } = this.#clients;
    if (user === controllerUser) return "controller";
    if (user === kubeletUser) return "kubelet";
    if (user.startsWith(listenerPrefix)) return "listener";
    if (user === GARBAGE_COLLECTOR) return "garbage collector";
    return user === ADMINISTRATOR ? "bench" : "cluster";
  }
}
