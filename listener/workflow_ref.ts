/** Reads `{owner}/{repo}/.github/workflows/{file}@{ref}` for metric labels. Pure and total; knows no metric. */

export interface WorkflowRef {
  /** The file without `.yml` or `.yaml`; empty when the text is no workflow ref. */
  readonly name: string;
  /** `heads/…`, `tags/…` or `pull/N`; empty for any other ref. */
  readonly target: string;
}

/** Source: `cmd/ghalistener/metrics/workflow_ref_parser.go`; a ref that itself contains `@` gives nothing. */
export function parseWorkflowRef(text: string): WorkflowRef {
  const parts = text.split("@");
  const [path, ref] = parts;
  if (parts.length !== 2 || path === undefined || ref === undefined) {
    return { name: "", target: "" };
  }
  const file = path.slice(path.lastIndexOf("/") + 1);
  return { name: file.replace(/\.yml$/, "").replace(/\.yaml$/, ""), target: targetOf(ref) };
}

function targetOf(ref: string): string {
  const branchOrTag = /^refs\/((?:heads|tags)\/.*)$/s.exec(ref)?.[1];
  if (branchOrTag !== undefined) return branchOrTag;
  return /^refs\/(pull\/[^/]+)\//.exec(ref)?.[1] ?? "";
}
