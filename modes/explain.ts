/** The mode `explain` as a row: its words and flags, its sandbox, its rights. Pure. */
import { isOutside } from "../controllers/config.ts";
import { GROUP } from "../crds/group.ts";
import { KINDS } from "../crds/kinds.ts";
import { InvalidInput } from "../lib/errors.ts";
import { choice, namespaceName } from "../lib/flag_parsers.ts";
import type { FlagTable } from "../lib/flags.ts";
import { nearest } from "../lib/nearest.ts";
import {
  checkClusterChoice,
  CLUSTER_FLAGS,
  type ClusterChoice,
  clusterFiles,
  clusterNet,
} from "./cluster_flags.ts";
import type { Mode } from "./mode.ts";

/** What can be explained. */
export const SUBJECTS = ["set", "runner", "job"] as const;
export type SubjectKind = typeof SUBJECTS[number];

export interface ExplainConfig extends ClusterChoice {
  /** Of what is asked. Filled from the words. */
  readonly kind?: SubjectKind | undefined;
  readonly name?: string | undefined;
  /** Absent: every namespace is searched. */
  readonly namespace?: string | undefined;
  readonly output: "text" | "json";
}

const explainFlags: FlagTable<Omit<ExplainConfig, "kind" | "name">> = {
  ...CLUSTER_FLAGS,
  namespace: {
    flag: "--namespace",
    alias: "-n",
    parser: namespaceName(),
    placeholder: "NAMESPACE",
    help: "Where it is. Without it every namespace is searched.",
  },
  output: {
    flag: "--output",
    alias: "-o",
    parser: choice(["text", "json"]),
    default: "text",
    help: "How the story is printed.",
  },
};

export const explainMode: Mode<ExplainConfig> = {
  summary: "Say why a job waits, or what became of a runner or a set, and what would change it.",
  examples: [
    {
      does: "Why a runner set does not grow",
      command: "longshore explain set linux --context production",
    },
    {
      does: "What became of a runner that is gone",
      command: "longshore explain runner linux-runner-a1b2c --namespace arc-runners",
    },
    {
      does: "Why a job waits: by its id, its run or its name",
      command: "longshore explain job build",
    },
  ],
  flags: explainFlags as FlagTable<ExplainConfig>,
  words: { usage: `${SUBJECTS.join("|")} NAME`, first: SUBJECTS, read: subjectOf },
  check: checkClusterChoice,
  logs: "nothing",
  cluster: (config) => isOutside(config) ? config : undefined,
  sandbox: (config, places) => ({
    net: clusterNet(config, places),
    read: clusterFiles(config, places),
  }),
  rules: [
    { apiGroups: [GROUP], resources: KINDS.map(({ type }) => type.plural), verbs: ["list"] },
    { apiGroups: [""], resources: ["events", "pods"], verbs: ["list"] },
  ],
};

/** Throws `InvalidInput` with what is accepted. */
function subjectOf(words: readonly string[]): Pick<ExplainConfig, "kind" | "name"> {
  const [word = "", name = "", ...more] = words;
  const kind = SUBJECTS.find((subject) => subject === word);
  const wanted = `expected ${SUBJECTS.join(", ")} and its name, such as: explain set linux`;
  if (kind === undefined) {
    const meant = nearest(word, SUBJECTS);
    if (word === "") throw new InvalidInput(`Nothing to explain is named: ${wanted}`);
    throw new InvalidInput(
      `Cannot explain "${word}": ${meant === undefined ? wanted : `did you mean ${meant}?`}`,
    );
  }
  if (name === "") throw new InvalidInput(`The ${kind} has no name: ${wanted}`);
  if (more.length > 0) throw new InvalidInput(`Unexpected argument "${more[0]}": ${wanted}`);
  return { kind, name };
}
