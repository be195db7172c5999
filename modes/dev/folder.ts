/** The folder on disk that a run of `dev` needs: for what pods have mounted. */
import { InvalidInput } from "../../lib/errors.ts";

/** A new one; whoever asked removes it. Throws {@link InvalidInput} in a build that may write nothing. */
export async function temporaryFolder(): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix: "longshore-dev-" });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    throw new InvalidInput(
      "dev keeps files on disk, and this build may write none: use the " +
        "program of a release, not that of the image",
      { cause },
    );
  }
}
