/**
 * Scopes: the organization, repository or enterprise to which a scale set, a token or a job belongs, as one lower-case
 * key (`orgs/octo`, `repos/octo/widgets`, `enterprises/acme`). Pure; it knows no host.
 */

/** The scope that a config URL names; `undefined` when it names none. The host is not looked at. */
export function scopeOfConfigUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  return scopeOfName(new URL(text).pathname);
}

/** The scope of `octo`, `octo/widgets` or `enterprises/acme`; `undefined` for anything else. */
export function scopeOfName(name: string): string | undefined {
  const parts = name.replace(/^\/+|\/+$/g, "").toLowerCase().split("/");
  const [first, second] = parts;
  if (!first || parts.length > 2) return undefined;
  if (second === undefined) return `orgs/${first}`;
  if (second === "") return undefined;
  return first === "enterprises" ? `enterprises/${second}` : `repos/${first}/${second}`;
}

/**
 * Whether a scale set of scope `setScope` serves jobs of `jobScope`: its own, and an organization those of its
 * repositories. A job without scope (`undefined`) is served anywhere.
 */
export function serves(setScope: string, jobScope: string | undefined): boolean {
  if (jobScope === undefined || jobScope === setScope) return true;
  const [kind, owner] = jobScope.split("/");
  return kind === "repos" && setScope === `orgs/${owner}`;
}

/** Owner and repository that a job of `scope` carries on the wire; an invented repository where there is none. */
export function repositoryOf(scope: string | undefined): {
  readonly owner: string;
  readonly repository: string;
} {
  const [kind, owner, repository] = (scope ?? "orgs/octo").split("/");
  if (kind === "repos") return { owner: owner ?? "", repository: repository ?? "" };
  return { owner: owner ?? "", repository: "widgets" };
}
