/** Whether the cluster itself is fit: it answers, serves our kinds, and grants what our accounts need. Pure. */
import { INSTALL } from "../../controllers/needed_fields.ts";
import type { Check } from "./check.ts";
import type { LackingRights } from "./facts.ts";
import { judged, ok, orOk, type Seen, unseen, wrong } from "./seen.ts";

/** The oldest minor version of Kubernetes 1 that we are tried with. */
const OLDEST_MINOR = 29;

export const clusterAnswers: Check = {
  id: "cluster",
  asks: "Does the API server answer?",
  judge: ({ version }) => {
    if ("unseen" in version) {
      return [wrong(
        version.unseen,
        "Check the address and the credentials of the context, a VPN, and that the server runs",
      )];
    }
    const minor = Number(/^v1\.(\d+)/.exec(version.seen)?.[1] ?? OLDEST_MINOR);
    if (minor >= OLDEST_MINOR) return [ok(`Kubernetes ${version.seen} answers`)];
    return [wrong(
      `The cluster runs Kubernetes ${version.seen}, wanted v1.${OLDEST_MINOR} or newer`,
      "Upgrade the cluster",
    )];
  },
};

export const kindsServed: Check = {
  id: "definitions",
  asks: "Are the custom resource definitions there, and new enough?",
  judge: ({ definitions }) =>
    judged(definitions, ({ missing, needed, useful }) => {
      if (missing.length > 0) {
        return [
          wrong(`The cluster does not serve ${missing.join(", ")} of actions.github.com`, INSTALL),
        ];
      }
      if (needed.length > 0) {
        return [wrong(`The definitions are too old: they lack ${needed.join(", ")}`, INSTALL)];
      }
      return [
        ok(
          useful.length === 0
            ? "All four kinds are served as this version has them"
            : `All four kinds are served; ${useful.length} fields of ours are not kept, such as ` +
              `${useful[0]} (ARC's definitions do, ours have them: ${INSTALL})`,
        ),
      ];
    }),
};

export const rightsGranted: Check = {
  id: "rights",
  asks: "May the controller and the listeners do what they must?",
  judge: ({ rights }) => {
    if (rights.length === 0) return [unseen("there is nobody whose rights could be asked for")];
    return orOk(
      rights.flatMap(findings).filter(({ is }) => is !== "ok"),
      `${rights.length} accounts and places were asked about; nothing is lacking`,
    );
  },
};

function findings(rights: Seen<LackingRights>) {
  return judged(rights, ({ who, where, needed, useful }) => {
    const lacking = (list: readonly string[]) => `${who} cannot ${list.join("; ")} in ${where}`;
    return [
      ...(needed.length > 0
        ? [wrong(
          lacking(needed),
          "Install the charts' roles and their bindings again (helm upgrade)",
        )]
        : []),
      ...(useful.length > 0
        ? [ok(`Without harm, ${lacking(useful)}: Events or live changes are lost`)]
        : []),
    ];
  });
}
