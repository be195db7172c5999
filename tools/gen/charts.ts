/** The charts by name, and the files that each holds as copies. Knows nothing of their templates. */
import { definitionFile } from "./custom_resource_definitions.ts";
import type { Generator } from "./generator.ts";
import { KINDS } from "../../crds/kinds.ts";

/** Named as upstream names them. */
export const CONTROLLER_CHART = "gha-runner-scale-set-controller";
export const RUNNER_SET_CHART = "gha-runner-scale-set";

/** In the order in which they are installed. */
export const CHARTS = [CONTROLLER_CHART, RUNNER_SET_CHART] as const;

/** Helm packs plain files only: a chart cannot refer to the definitions elsewhere in the repository. */
export const chartDefinitions: Generator = {
  what: "the CustomResourceDefinitions that the controller's chart installs",
  files: () =>
    Promise.resolve(
      KINDS.map(definitionFile).map(({ path, text }) => ({
        path: path.replace("crds/generated/", `chart/${CONTROLLER_CHART}/crds/`),
        text,
      })),
    ),
};
