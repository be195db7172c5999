import assert from "node:assert/strict";
import { type Invocation, invocation } from "../../modes/invocation.ts";

interface Row {
  readonly claim: string;
  readonly args: readonly string[];
  readonly programPath?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly wanted: Invocation;
}

const run = (mode: "controller-manager" | "listener" | "dev", ...args: string[]): Invocation => ({
  do: "run",
  mode,
  args,
});

const ROWS: readonly Row[] = [
  { claim: "a mode word", args: ["dev", "--jobs", "5"], wanted: run("dev", "--jobs", "5") },
  {
    claim: "flags alone are the manager's",
    args: ["--log-level=info"],
    wanted: run("controller-manager", "--log-level=info"),
  },
  {
    claim: "ARC's manager by its name",
    args: ["--metrics-addr=0"],
    programPath: "/manager",
    wanted: run("controller-manager", "--metrics-addr=0"),
  },
  {
    claim: "ARC's listener by its name",
    args: [],
    programPath: "/ghalistener",
    wanted: run("listener"),
  },
  {
    claim: "nothing but the listener's variable",
    args: [],
    env: { LISTENER_CONFIG_PATH: "/etc/x" },
    wanted: run("listener"),
  },
  { claim: "nothing at all asks for help", args: [], wanted: { do: "help" } },
  { claim: "help", args: ["--help"], wanted: { do: "help" } },
  {
    claim: "help of a mode",
    args: ["dev", "--jobs", "5", "-h"],
    wanted: { do: "help", about: "dev" },
  },
  { claim: "help as a word", args: ["help", "doctor"], wanted: { do: "help", about: "doctor" } },
  {
    claim: "completion",
    args: ["completion", "zsh"],
    wanted: { do: "complete", shell: "zsh" },
  },
  { claim: "version", args: ["version"], wanted: { do: "version" } },
  { claim: "version as a flag", args: ["--version"], wanted: { do: "version" } },
];

for (const { claim, args, programPath = "/usr/bin/longshore", env = {}, wanted } of ROWS) {
  Deno.test({
    name: `invocation: ${claim}`,
    permissions: "none",
    fn: () => assert.deepEqual(invocation(args, { programPath, env }), wanted),
  });
}

const UNKNOWN: Readonly<Record<string, readonly [args: readonly string[], message: string]>> = {
  "a mistyped mode": [["lisener"], 'Unknown mode "lisener": did you mean listener?'],
  "a mode that is none": [
    ["deploy"],
    'Unknown mode "deploy": expected one of controller-manager, listener, dev, doctor, explain, ' +
    "completion, version, help",
  ],
  "a mistyped shell": [["completion", "bsh"], 'Unknown shell "bsh": did you mean bash?'],
  "no shell": [["completion"], 'Unknown shell "": expected one of bash, zsh, fish'],
};

for (const [claim, [args, message]] of Object.entries(UNKNOWN)) {
  Deno.test({
    name: `refused with what is accepted: ${claim}`,
    permissions: "none",
    fn: () => assert.throws(() => invocation(args, { programPath: "x", env: {} }), { message }),
  });
}
