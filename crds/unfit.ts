/** The sentence about a value that does not fit, and where such sentences are kept. Pure. */

/** Where we are, and where problems are told. */
export interface Place {
  /** From the top of the object: `spec.maxRunners`. */
  readonly path: string;
  readonly problems: string[];
}

const MAX_SHOWN = 64;

/** Says that a value is left out. `wanted` is what is accepted. */
export function leaveOut(value: unknown, wanted: string, { path, problems }: Place): undefined {
  const text = JSON.stringify(value) ?? "absent";
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  problems.push(`${path} is ${shown}: it must be ${wanted}`);
  return undefined;
}
