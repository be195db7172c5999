/** Who calls: bearer tokens and the users behind them. Knows nothing of what a user may do. */
import type { Clock } from "../../lib/clock.ts";
import { type Random, randomText } from "../../lib/random.ts";
import { type Key, type Store } from "./store.ts";

/** A user as permissions see them. */
export interface Identity {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Whom a token stands for: a ServiceAccount, or a user by name. */
export type TokenSubject =
  | { readonly serviceAccount: Key }
  | { readonly user: string; readonly groups?: readonly string[] };

interface Issued {
  readonly identity: Identity;
  readonly account?: Key & { readonly uid: string };
  readonly expiresAtMs: number;
}

const TOKEN_LENGTH = 48;
const TOKEN_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const SERVICE_ACCOUNTS = { group: "", plural: "serviceaccounts" };

/** May do everything (`system:masters`). */
export const ADMIN: Identity = {
  user: "kubernetes-admin",
  groups: ["system:masters", "system:authenticated"],
};

/** The control plane's own writers: garbage collector, namespace controller and the like. */
export const CONTROL_PLANE: Identity = {
  user: "system:kube-controller-manager",
  groups: ["system:masters", "system:authenticated"],
};

/** A caller without a token. */
export const ANONYMOUS: Identity = {
  user: "system:anonymous",
  groups: ["system:unauthenticated"],
};

/** The user that a ServiceAccount is. */
export function serviceAccountIdentity(account: Key, uid?: string): Identity {
  return {
    user: `system:serviceaccount:${account.namespace}:${account.name}`,
    ...(uid ? { uid } : {}),
    groups: [
      "system:serviceaccounts",
      `system:serviceaccounts:${account.namespace}`,
      "system:authenticated",
    ],
  };
}

function identityOf(subject: TokenSubject, uid: string | undefined): Identity {
  if ("serviceAccount" in subject) return serviceAccountIdentity(subject.serviceAccount, uid);
  const groups = new Set([...subject.groups ?? [], "system:authenticated"]);
  return { user: subject.user, groups: [...groups] };
}

/** The tokens that were given out; they live in memory only. */
export class Tokens {
  readonly #issued = new Map<string, Issued>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #store: Store;

  constructor(
    options: { readonly clock: Clock; readonly random: Random; readonly store: Store },
  ) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#store = options.store;
  }

  /** A new token; `lifeMs` absent: it does not expire. One of a ServiceAccount dies with it. */
  mint(subject: TokenSubject, lifeMs = Infinity): string {
    const account = "serviceAccount" in subject ? subject.serviceAccount : undefined;
    const uid = account && this.#store.shelf(SERVICE_ACCOUNTS).get(account)?.metadata.uid;
    const token = `sim-${randomText(this.#random, TOKEN_LENGTH, TOKEN_ALPHABET)}`;
    this.#issued.set(token, {
      identity: identityOf(subject, uid),
      ...(account && uid ? { account: { ...account, uid } } : {}),
      expiresAtMs: this.#clock.now().getTime() + lifeMs,
    });
    return token;
  }

  /** The user behind a token; `undefined` for one that is unknown, expired, or whose ServiceAccount is gone. */
  identify(token: string): Identity | undefined {
    const issued = this.#issued.get(token);
    if (!issued || this.#clock.now().getTime() >= issued.expiresAtMs) return undefined;
    if (issued.account) {
      const stored = this.#store.shelf(SERVICE_ACCOUNTS).get(issued.account);
      if (stored?.metadata.uid !== issued.account.uid) return undefined;
    }
    return issued.identity;
  }

  /** Makes a token unknown from now on. */
  revoke(token: string): void {
    this.#issued.delete(token);
  }
}
