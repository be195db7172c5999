/** What `doctor` asks of a cluster. Pure data. What is not granted is told as not seen. */
import { GROUP } from "../../crds/group.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { PolicyRule } from "../../kube/types.ts";

const LOOK = ["list"];

export const DOCTOR_RULES: readonly PolicyRule[] = [
  { apiGroups: [GROUP], resources: KINDS.map(({ type }) => type.plural), verbs: LOOK },
  {
    apiGroups: [""],
    resources: ["pods", "limitranges", "resourcequotas", "serviceaccounts"],
    verbs: LOOK,
  },
  { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["get"] },
  { apiGroups: ["apps"], resources: ["deployments"], verbs: LOOK },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: LOOK },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["roles", "rolebindings"],
    verbs: LOOK,
  },
  {
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "subjectaccessreviews"],
    verbs: ["create"],
  },
];
