/**
 * What the thread that starts a mode gives up, and when. A worker cannot have what its starter has not, and a power that
 * was given up never comes back: so what a later worker will need is kept. Decision 19.
 */

export const POWERS = ["env", "ffi", "import", "net", "read", "run", "sys", "write"] as const;
export type Power = typeof POWERS[number];

/** Before a mode with a sandbox is told anything: neither it nor its starter ever needs these. */
export const NEVER_NEEDED: readonly Power[] = ["ffi", "import", "sys", "write"];

/** Once the worker is up: everything but what is told. */
export function givenUpOnceUp(keeps: {
  /** A later worker may be allowed more hosts: it gets `net` and `read` from here. */
  readonly growth: "never" | "asked";
  /** The kubeconfig names a credential plugin, which only this thread may run; it inherits the environment. */
  readonly plugin: "none" | "runs";
}): readonly Power[] {
  const kept: readonly Power[] = [
    ...(keeps.growth === "asked" ? ["net", "read"] as const : []),
    ...(keeps.plugin === "runs" ? ["env", "run"] as const : []),
  ];
  return POWERS.filter((power) => !kept.includes(power));
}

/** For the rest of this thread's life, and for every worker that it starts from now on. */
export function giveUp(powers: readonly Power[]): void {
  for (const name of powers) Deno.permissions.revokeSync({ name });
}
