/**
 * Which of the rights that the product declares an account has: asks the API server for each of them. For our own account
 * we may always ask, for another one only as an administrator.
 */
import type { KubeClient } from "../../kube/client.ts";
import { isForbidden } from "../../kube/errors.ts";
import {
  SELF_SUBJECT_ACCESS_REVIEWS,
  SELF_SUBJECT_REVIEWS,
  SUBJECT_ACCESS_REVIEWS,
} from "../../kube/resources.ts";
import type { ObjectKey, PolicyRule } from "../../kube/types.ts";
import { messageOf } from "../../lib/errors.ts";
import { lackingRights } from "../../controllers/rights.ts";
import { inParallel } from "./in_parallel.ts";
import type { LackingRights } from "./facts.ts";
import type { Seen } from "./seen.ts";

/** Whose rights, where. */
export interface RightsQuestion {
  /** In a sentence: `the controller's account "ns/name"`. */
  readonly who: string;
  /** A ServiceAccount; `undefined`: whoever asks. */
  readonly account: ObjectKey | undefined;
  /** Empty: in every namespace. */
  readonly namespace: string;
  readonly needed: readonly PolicyRule[];
  /** What works without them, but not as well. */
  readonly useful: readonly PolicyRule[];
}

const AT_ONCE = 16;

/** In the order of the questions. Rejects only when `signal` aborts. */
export async function reviewRights(
  kube: Pick<KubeClient, "create">,
  questions: readonly RightsQuestion[],
  signal: AbortSignal,
): Promise<readonly Seen<LackingRights>[]> {
  const self = await ownName(kube, signal);
  return await inParallel(questions, AT_ONCE, async (question) => {
    const { who, account, namespace } = question;
    const where = namespace === "" ? "the cluster" : `namespace "${namespace}"`;
    const ask = account === undefined || userName(account) === self
      ? { kind: "self" as const }
      : { kind: "other" as const, account };
    try {
      const lacking = async (rules: readonly PolicyRule[]) =>
        lackingRights(rules, await granted(kube, rules, { ask, namespace, signal }));
      return {
        seen: {
          who,
          where,
          needed: await lacking(question.needed),
          useful: await lacking(question.useful),
        },
      };
    } catch (thrown) {
      signal.throwIfAborted();
      return {
        unseen: isForbidden(thrown)
          ? `only an administrator, or ${who} itself, may ask about its rights in ${where}`
          : messageOf(thrown),
      };
    }
  });
}

function userName({ namespace, name }: ObjectKey): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Empty where the server does not tell. */
async function ownName(kube: Pick<KubeClient, "create">, signal: AbortSignal): Promise<string> {
  try {
    const { status } = await kube.create(SELF_SUBJECT_REVIEWS, {}, { signal });
    return status?.userInfo?.username ?? "";
  } catch {
    signal.throwIfAborted();
    return "";
  }
}

interface Asking {
  readonly ask: { readonly kind: "self" } | {
    readonly kind: "other";
    readonly account: ObjectKey;
  };
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Those of the rules that the server grants, one verb of one resource each. */
async function granted(
  kube: Pick<KubeClient, "create">,
  rules: readonly PolicyRule[],
  asking: Asking,
): Promise<readonly PolicyRule[]> {
  const single = rules.flatMap(({ apiGroups = [], resources = [], verbs, resourceNames = [] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({ group, resource, verb, name: resourceNames[0] ?? "" }))
      )
    )
  );
  const answers = await inParallel(single, AT_ONCE, async (one) => {
    const [resource, subresource = ""] = one.resource.split("/");
    const { namespace, signal, ask } = asking;
    const resourceAttributes = {
      group: one.group,
      resource: resource ?? "",
      subresource,
      verb: one.verb,
      namespace,
      name: one.name,
    };
    if (ask.kind === "self") {
      const spec = { resourceAttributes };
      const { status } = await kube.create(SELF_SUBJECT_ACCESS_REVIEWS, { spec }, { signal });
      return status?.allowed === true;
    }
    const { account } = ask;
    const groups = [
      "system:serviceaccounts",
      `system:serviceaccounts:${account.namespace}`,
      "system:authenticated",
    ];
    const spec = { user: userName(account), groups, resourceAttributes };
    const { status } = await kube.create(SUBJECT_ACCESS_REVIEWS, { spec }, { signal });
    return status?.allowed === true;
  });
  return single.filter((_, at) => answers[at]).map(({ group, resource, verb }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  }));
}
