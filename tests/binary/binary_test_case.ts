/**
 * How a test asks for compiled binaries. Such a test exists only in `deno task test:binary`, which builds them: there it
 * runs, or is skipped by name where none can be built.
 */

/** Names the folder with the binaries, or {@link ABSENT}. */
export const BINARIES_ENV = "LONGSHORE_BINARIES";
export const ABSENT = "absent";

/** The files in that folder. */
export const BINARIES = {
  desktop: "longshore",
  image: "longshore-image",
  /** The product's main thread with a worker that tries things. */
  probeDesktop: "probe",
  probeImage: "probe-image",
  /** A main thread that tries things. */
  probeMain: "probe-main",
} as const;

export type BinaryName = keyof typeof BINARIES;

const folder = Deno.env.get(BINARIES_ENV);

/** Registers a test that is given the paths of the binaries. */
export function binaryTest(
  claim: string,
  holds: (path: (name: BinaryName) => string) => Promise<void>,
): void {
  if (folder === undefined) return;
  if (folder === ABSENT) Deno.test({ name: claim, ignore: true, fn: () => {} });
  else Deno.test(claim, () => holds((name) => `${folder}/${BINARIES[name]}`));
}
