/** The moments of the tests' story. */

/** When everything was created. */
export const CREATED = "2026-11-01T08:00:00Z";

/** The moment so many seconds after {@link CREATED}. */
export function after(seconds: number): Date {
  return new Date(Date.parse(CREATED) + seconds * 1000);
}

/** The same as Kubernetes writes it: RFC 3339, whole seconds. */
export function stampAfter(seconds: number): string {
  return after(seconds).toISOString().replace(/\.\d+Z$/, "Z");
}
