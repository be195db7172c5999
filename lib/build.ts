/** What this build is. The release task writes the commit; a test holds the version to that of `deno.json`. */
export const BUILD = { product: "longshore", version: "0.1.0", commit: "unknown" } as const;
