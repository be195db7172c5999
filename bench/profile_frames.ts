/** The frames of a CPU profile in which most time was spent, as a table. Pure; knows V8's format of profiles. */
import { table } from "./table.ts";

/** As V8 writes it; times in µs. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const TOP = 45;
/** Not work: the thread waited, or the profiler did. */
const WAITING = new Set(["(idle)", "(root)"]);

/** By own time; `total` has what was called from there too, once a sample however often a frame recurs. */
export function topFrames(profile: Profile): string {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const own = new Map<string, number>();
  const total = new Map<string, number>();
  let busy = 0;
  profile.samples.forEach((id, at) => {
    const ms = (profile.timeDeltas[at] ?? 0) / 1_000;
    const leaf = nameOf(nodes.get(id));
    if (WAITING.has(leaf)) return;
    busy += ms;
    own.set(leaf, (own.get(leaf) ?? 0) + ms);
    const stack = new Set<string>();
    for (let node: number | undefined = id; node !== undefined; node = parents.get(node)) {
      stack.add(nameOf(nodes.get(node)));
    }
    for (const name of stack) total.set(name, (total.get(name) ?? 0) + ms);
  });
  const rows = (of: ReadonlyMap<string, number>) =>
    [...of].sort(([, a], [, b]) => b - a).slice(0, TOP).map(([name, ms]) => [
      name,
      ms.toFixed(0),
      `${(ms / busy * 100).toFixed(1)} %`,
    ]);
  return [
    `${busy.toFixed(0)} ms of CPU in ${profile.samples.length} samples`,
    "",
    table(["own time in", "ms", "share"], rows(own)),
    "",
    table(["with what it calls", "ms", "share"], rows(total)),
    "",
  ].join("\n");
}

function nameOf(node: Profile["nodes"][number] | undefined): string {
  if (node === undefined) return "(root)";
  const { functionName, url, lineNumber } = node.callFrame;
  const place = url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, "");
  return `${functionName || "(anonymous)"}${place === "" ? "" : ` ${place}:${lineNumber + 1}`}`;
}
