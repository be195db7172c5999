/**
 * How a test asks for the real control plane. Such a test exists only in `deno task test:cluster`: there it runs, or is
 * skipped by name when the machine cannot have a control plane.
 */
import { type Attached, attachedControlPlane } from "./supervisor.ts";

const attached = attachedControlPlane();

/** Registers a test on the control plane of this run. It must leave every part running. */
export function clusterTest(claim: string, holds: (plane: Attached) => Promise<void>): void {
  if (attached === undefined) return;
  if (attached === "absent") Deno.test({ name: claim, ignore: true, fn: () => {} });
  else Deno.test(claim, () => holds(attached));
}
