/** How we introduce ourselves to GitHub. Pure. Source: spec github-protocol.md §3.1. */
import { BUILD } from "../lib/build.ts";

/** Who is calling; no secret belongs here. */
export interface Product {
  /** The product, e.g. "longshore". */
  readonly system: string;
  readonly version: string;
  readonly commitSha: string;
  /** The part of the product, e.g. "gha-scale-set-controller" or "ghalistener". */
  readonly subsystem: string;
  /** The scale set that a listener serves; absent (0) in a controller. */
  readonly scaleSetId?: number;
}

/** This build, as one of its parts introduces itself: "gha-scale-set-controller" and "ghalistener" are ARC's words. */
export function thisProduct(subsystem: string): Product {
  return {
    system: BUILD.product,
    version: BUILD.version,
    commitSha: BUILD.commit,
    subsystem,
  };
}

/** The value of the `User-Agent` header: one JSON object, names in the order that GitHub knows. */
export function userAgentText(product: Product): string {
  const text = JSON.stringify({
    system: product.system,
    version: product.version,
    commit_sha: product.commitSha,
    scale_set_id: product.scaleSetId ?? 0,
    subsystem: product.subsystem,
    build_version: product.version,
    build_commit_sha: product.commitSha,
    kind: "scaleset",
  });
  // A header holds no other characters; JSON can spell all of them without.
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
