/**
 * ARC's own listener under our controller. It is of the release 0.6.1, whose configuration has the same members under
 * other names: those are translated, and nothing else is.
 */
import { arcInterop, oldNames } from "./arc_programs.ts";
import { serveJobs } from "./foreign_listener.ts";

arcInterop(
  "ARC's listener works under our controller: jobs are served, runners marked and gone",
  async ({ listener }) => {
    await serveJobs({ path: listener, document: oldNames });
  },
);
