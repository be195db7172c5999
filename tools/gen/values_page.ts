/** A page with every key of the charts' values, from the comments of the values files. */
import { CHARTS } from "./charts.ts";
import { type ValuesKey, valuesKeys } from "./chart_values.ts";
import { type Generator, page, table } from "./generator.ts";

/** A default longer than this is found in the values file itself. */
const LONGEST_DEFAULT = 60;

/** Beside pages for readers, which are formatted, so that it must say so itself; only as the first comment. */
const UNFORMATTED = "<!-- deno-fmt-ignore-file -->";

/** One row of the table; keys that only hold others have none. */
export function valuesRow({ path, type, doc, value }: ValuesKey): readonly string[] {
  return [`\`${path}\``, type ?? "", defaultText(value), doc];
}

function defaultText(value: unknown): string {
  if (value === undefined) return "";
  const text = JSON.stringify(value);
  return text.length > LONGEST_DEFAULT ? "see the values file" : `\`${text}\``;
}

/** Whether a key says anything that its children do not. */
function isTold({ type, doc }: ValuesKey): boolean {
  return type !== undefined || doc !== "";
}

export const valuesPage: Generator = {
  what: "every key of the charts' values",
  async files(root) {
    const sections: string[] = [];
    for (const chart of CHARTS) {
      const name = `chart/${chart}/values.yaml`;
      const keys = valuesKeys(await Deno.readTextFile(new URL(name, root)), name);
      const rows = keys.filter(isTold).map(valuesRow);
      sections.push(`## ${chart}`, table(["key", "type", "default", "meaning"], rows));
    }
    const about = "A key without a default is not set unless you set it.";
    const text = page("Values of the charts", [about, ...sections]);
    return [{ path: "docs/values.md", text: `${UNFORMATTED}${text}` }];
  },
};
