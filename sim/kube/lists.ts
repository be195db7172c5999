/** Lists: selection, pages with a stable snapshot behind their continue tokens, versions. Knows no HTTP. */
import type { Document } from "./document.ts";
import type { Matches } from "./selectors.ts";
import { badRequest, expired, pageExpired, tooLargeVersion } from "./status.ts";
import type { Shelf, Store } from "./store.ts";

/** How many snapshots are kept for lists that are read page by page. */
const MAX_SNAPSHOTS = 100;

interface Snapshot {
  readonly objects: readonly Document[];
  readonly revision: number;
}

/** Which page of which list is asked for. */
export interface ListPlan {
  readonly shelf: Shelf;
  /** "" for all namespaces. */
  readonly namespace: string;
  readonly matches: Matches;
  /** 0 for no limit. */
  readonly limit: number;
  /** The token of the page before; "" for the first page. */
  readonly continueFrom: string;
  /** As asked; "" for the newest. */
  readonly resourceVersion: string;
  readonly versionMatch: string;
}

/** A page; `continue` and `remaining` (items after it) are there while more pages follow. */
export interface ListedPage {
  readonly objects: readonly Document[];
  readonly revision: number;
  readonly continue?: string;
  readonly remaining?: number;
}

const CONTINUE_GONE =
  "The provided continue parameter is too old to display a consistent list result. You can start " +
  "a new list without the continue parameter, or use the continue token in this response to " +
  "retrieve the remainder of the results. Continuing with the provided token results in an " +
  "inconsistent list - objects that were created, modified, or deleted between the time the first " +
  "chunk was returned and now may show up in the list.";

/** Why a version that a caller sends is none: it must be a whole number. */
export function versionProblem(resourceVersion: string): string | undefined {
  if (/^\d+$/.test(resourceVersion)) return undefined;
  return `resourceVersion: Invalid value: "${resourceVersion}": strconv.ParseUint: parsing ` +
    `"${resourceVersion}": invalid syntax`;
}

/** Lists and the snapshots behind their pages. */
export class Lists {
  readonly #store: Store;
  readonly #snapshots = new Map<string, Snapshot>();
  #next = 1;

  constructor(store: Store) {
    this.#store = store;
  }

  /** One page. Throws 400, 410 for a page of a forgotten list, 504 for a version that does not exist yet. */
  page(plan: ListPlan): ListedPage {
    const place = plan.continueFrom === "" ? undefined : readToken(plan.continueFrom);
    const snapshot = place?.id === undefined
      ? this.#fresh(plan, place?.after)
      : this.#snapshots.get(place.id);
    if (!snapshot) throw pageExpired(CONTINUE_GONE, tokenText({ after: place?.after ?? "" }));
    const from = place?.start ?? 0;
    const isWhole = plan.limit === 0 || snapshot.objects.length <= from + plan.limit;
    if (isWhole) return { objects: snapshot.objects.slice(from), revision: snapshot.revision };
    const start = from + plan.limit;
    const id = place?.id ?? this.#keep(snapshot);
    const objects = snapshot.objects.slice(from, start);
    return {
      objects,
      revision: snapshot.revision,
      continue: tokenText({ id, start, after: placeOf(objects.at(-1)) }),
      remaining: snapshot.objects.length - start,
    };
  }

  /** Forgets all snapshots: further pages of lists under way answer 410. */
  compact(): void {
    this.#snapshots.clear();
  }

  /** What there is now, behind the place `after`. */
  #fresh(plan: ListPlan, after = ""): Snapshot {
    const { revision } = this.#store;
    if (plan.resourceVersion !== "") {
      const problem = versionProblem(plan.resourceVersion);
      if (problem !== undefined) throw badRequest(`invalid resource version: ${problem}`);
      const asked = Number(plan.resourceVersion);
      if (asked > revision) throw tooLargeVersion(asked, revision);
      if (plan.versionMatch === "Exact" && asked !== revision) {
        throw expired(`The resourceVersion for the provided list is too old.`);
      }
    }
    const all = plan.shelf.list(plan.namespace === "" ? undefined : plan.namespace);
    const rest = after === "" ? all : all.filter((object) => placeOf(object) > after);
    return { objects: rest.filter(plan.matches), revision };
  }

  #keep(snapshot: Snapshot): string {
    const id = String(this.#next++);
    this.#snapshots.set(id, snapshot);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > MAX_SNAPSHOTS && oldest !== undefined) {
      this.#snapshots.delete(oldest);
    }
    return id;
  }
}

/** Where a list goes on: at an index of a snapshot, or, without one, behind a place in whatever there is. */
interface PageToken {
  readonly id?: string;
  readonly start?: number;
  readonly after: string;
}

/** Orders as lists do: by namespace, then by name. */
function placeOf(object: Document | undefined): string {
  return `${object?.metadata.namespace ?? ""}\0${object?.metadata.name ?? ""}`;
}

function tokenText(token: PageToken): string {
  return btoa(JSON.stringify({ v: "sim", ...token }));
}

function readToken(token: string): PageToken {
  try {
    return JSON.parse(atob(token));
  } catch {
    throw badRequest("continue key is not valid: illegal base64 data at input byte 0");
  }
}
