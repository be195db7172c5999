/** A page with the flags of every mode, from the same tables that parse them. */
import { flagsMarkdown } from "../../lib/flag_help.ts";
import type { FlagTable } from "../../lib/flags.ts";
import { declaredIn } from "./declared.ts";
import { type Generator, page } from "./generator.ts";

/** The modes in the order of the page, as they are spelled on the command line. */
const MODES = ["controller-manager", "listener", "dev", "doctor", "explain"] as const;

/** The part of a mode that is documented. */
export interface DocumentedMode {
  readonly summary: string;
  readonly flags: FlagTable<unknown>;
}

/** Whether an export describes a mode. */
export function isMode(value: unknown): value is DocumentedMode {
  const mode = value as Partial<DocumentedMode> | null;
  return typeof mode === "object" && typeof mode?.summary === "string" &&
    typeof mode.flags === "object" && mode.flags !== null;
}

/** One mode's part of the page. */
export function modeSection(name: string, { summary, flags }: DocumentedMode): string {
  const none = Object.keys(flags).length === 0;
  return [`## longshore ${name}`, summary, none ? "It takes no flags." : flagsMarkdown(flags)]
    .join("\n\n");
}

export const flagsPage: Generator = {
  what: "every flag of every mode",
  async files(root) {
    const sections: string[] = [];
    for (const name of MODES) {
      const module = new URL(`modes/${name.replaceAll("-", "_")}.ts`, root);
      const [mode] = await declaredIn(module, isMode);
      if (mode !== undefined) sections.push(modeSection(name, mode));
    }
    return [{ path: "docs/generated/flags.md", text: page("Flags", sections) }];
  },
};
