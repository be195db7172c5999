/** What must be cut out of a text before anybody sees it. Pure. Source: spec github-protocol.md §15. */

/**
 * `text` without the given secrets, anything of the shape of a GitHub token or a JWT, and the queries and user names of
 * addresses.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length > 0)
    .reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  return known
    .replace(/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, "[redacted]")
    .replace(/\b(?:gh[a-z]|github_pat)_\w{6,}/g, "[redacted]")
    .replace(/(https?:\/\/)[^\s/?#@]*@/gi, "$1[redacted]@")
    .replace(/(https?:\/\/[^\s?#"')]+)\?[^\s"')]*/gi, "$1");
}
