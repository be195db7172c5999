/** References as tests make them up: what a pod may refer to, in a table. */
import type { References } from "../../../sim/kube/kubelet_references.ts";

/** There is nothing to refer to but the identity of the pod. */
export const noReferences: References = {
  secret: () => Promise.resolve(undefined),
  configMap: () => Promise.resolve(undefined),
  token: ({ audience }) => Promise.resolve(`token for ${audience ?? "the cluster"}`),
  ca: "the authority",
};

/** One Secret and one ConfigMap, both named `settings`. */
export function references(texts: Readonly<Record<string, string>>): References {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, btoa(text)]));
  return {
    ...noReferences,
    secret: (name) => Promise.resolve(name === "settings" ? { data } : undefined),
    configMap: (name) => Promise.resolve(name === "settings" ? { data: texts } : undefined),
  };
}
