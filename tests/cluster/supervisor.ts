/**
 * One control plane for a whole test run, across processes: the runner serves what may be done to it, tests attach. Knows
 * the way between the two, nothing of what is tested.
 */
import type { ControlPlane, Deed, Part } from "./control_plane.ts";
import type { Facts } from "./facts.ts";

/** Names the file that {@link superviseControlPlane} wrote, or {@link ABSENT}. */
export const CLUSTER_ENV = "LONGSHORE_TEST_CLUSTER";
/** The value of {@link CLUSTER_ENV} when there is no control plane: its tests are skipped, by name. */
export const ABSENT = "absent";

interface Invitation {
  readonly facts: Facts;
  readonly deeds: string;
}

export interface Supervision {
  /** For {@link CLUSTER_ENV}. */
  readonly invitation: string;
  stop(): Promise<void>;
}

/** Serves the deeds of a control plane on loopback, for the tests of this run. */
export async function superviseControlPlane(plane: ControlPlane): Promise<Supervision> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const [, deed, part] = new URL(request.url).pathname.split("/");
    return plane.do(deed as Deed, part as Part).then(
      () => new Response(null, { status: 204 }),
      (thrown) => new Response(String(thrown), { status: 500 }),
    );
  });
  const { facts } = plane;
  const invitation = `${facts.folder}/invitation.json`;
  const deeds = `http://127.0.0.1:${server.addr.port}`;
  await Deno.writeTextFile(invitation, JSON.stringify({ facts, deeds } satisfies Invitation));
  return { invitation, stop: () => server.shutdown() };
}

/** The control plane of this test run; `undefined` outside of one. `stop` belongs to the runner. */
export type Attached = Omit<ControlPlane, "stop">;

/** What {@link CLUSTER_ENV} names: a control plane, the word that it is absent, or nothing. */
export function attachedControlPlane(): Attached | "absent" | undefined {
  const invitation = Deno.env.get(CLUSTER_ENV);
  if (invitation === undefined) return undefined;
  if (invitation === ABSENT) return "absent";
  const { facts, deeds }: Invitation = JSON.parse(Deno.readTextFileSync(invitation));
  return {
    facts,
    async do(deed, part) {
      const response = await fetch(`${deeds}/${deed}/${part}`, { method: "POST" });
      const problem = await response.text();
      if (!response.ok) throw new Error(problem);
    },
  };
}
