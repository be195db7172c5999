/** Counts what clients asked for: by user, verb and resource. */

/** One row of counts. */
export interface RequestCount {
  readonly user: string;
  readonly verb: string;
  /** With its subresource, e.g. "ephemeralrunners/status"; a path for what is no resource. */
  readonly resource: string;
  readonly count: number;
}

/** Narrows a sum; absent members match everything. */
export interface RequestFilter {
  readonly user?: string;
  readonly verb?: string | readonly string[];
  readonly resource?: string;
}

/** The counts since the start, or since they were reset. */
export class RequestLog {
  readonly #counts = new Map<string, RequestCount>();

  add(request: Omit<RequestCount, "count">): void {
    const id = `${request.user}\n${request.verb}\n${request.resource}`;
    const count = (this.#counts.get(id)?.count ?? 0) + 1;
    this.#counts.set(id, { ...request, count });
  }

  /** How many requests match. */
  count(filter: RequestFilter = {}): number {
    const verbs = filter.verb === undefined ? undefined : [filter.verb].flat();
    return this.rows()
      .filter((row) => filter.user === undefined || row.user === filter.user)
      .filter((row) => verbs === undefined || verbs.includes(row.verb))
      .filter((row) => filter.resource === undefined || row.resource === filter.resource)
      .reduce((sum, row) => sum + row.count, 0);
  }

  /** How many requests asked for a change. */
  writes(filter: Omit<RequestFilter, "verb"> = {}): number {
    return this.count({ ...filter, verb: WRITES });
  }

  rows(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }

  /** Starts from zero. */
  reset(): void {
    this.#counts.clear();
  }
}

const WRITES = ["create", "update", "patch", "delete", "deletecollection"];
