import assert from "node:assert/strict";
import { completionScript } from "../../../modes/completion.ts";
import { MODE_NAMES, SHELLS } from "../../../modes/invocation.ts";
import { MODES } from "../../../modes/mode.ts";

for (const shell of SHELLS) {
  Deno.test({
    name: `the completion for ${shell} knows every mode and every flag that help shows`,
    permissions: "none",
    fn: () => {
      const script = completionScript(shell);
      for (const mode of MODE_NAMES) assert.ok(script.includes(mode), mode);
      for (const { flags } of Object.values(MODES)) {
        for (const { flag, hidden } of Object.values(flags)) {
          const spelled = shell === "fish" ? `-l ${flag.slice(2)} ` : flag;
          if (hidden) continue;
          assert.ok(script.includes(spelled), flag);
        }
      }
      assert.ok(!script.includes("service-account-dir PATH"));
    },
  });
}

interface Row {
  readonly typed: readonly string[];
  readonly wanted: readonly string[];
}

const ROWS: readonly Row[] = [
  { typed: ["do"], wanted: ["doctor"] },
  { typed: ["exp"], wanted: ["explain"] },
  { typed: ["explain", "se"], wanted: ["set"] },
  { typed: ["doctor", "--out"], wanted: ["--output"] },
  { typed: ["doctor", "--output", ""], wanted: ["text", "json"] },
  { typed: ["completion", "b"], wanted: ["bash"] },
  { typed: ["help", "v"], wanted: ["version"] },
  { typed: ["dev", "--until"], wanted: ["--until-idle"] },
];

const mayRun = (await Deno.permissions.query({ name: "run", command: "sh" })).state === "granted";

async function bash(script: string): Promise<{ readonly code: number; readonly out: string }> {
  const command = new Deno.Command("sh", {
    args: ["-c", 'exec bash -c "$0"', script],
    // Else it would complain of a language that is not installed, or run what somebody else wants run first.
    env: { LC_ALL: "C", BASH_ENV: "" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout) + text(stderr) };
}

const hasBash = mayRun && (await bash("true")).code === 0;

Deno.test({
  name: "bash takes the script and completes with it",
  ignore: !hasBash,
  fn: async () => {
    const script = completionScript("bash");
    const checked = await bash(`bash -n <<'END'\n${script}\nEND`);
    assert.deepEqual(checked, { code: 0, out: "" });
    for (const { typed, wanted } of ROWS) {
      const words = ["longshore", ...typed].map((word) => `'${word}'`).join(" ");
      const { out } = await bash(
        `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _longshore\n` +
          `printf '%s\\n' "\${COMPREPLY[@]}"`,
      );
      assert.deepEqual(out.trim().split("\n"), wanted, typed.join(" "));
    }
  },
});
