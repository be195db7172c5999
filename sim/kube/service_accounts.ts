/** ServiceAccounts as the API server sees to them: one in each namespace, and no pod without its own. */
import { randomText, randomUuid } from "../../lib/random.ts";
import { type Document, type Fields, fields, items, text } from "./document.ts";
import { type Call, commit, type Engine, internalCall, nowText, subjectOf } from "./engine.ts";
import { forbidden } from "./status.ts";
import { CONTROL_PLANE } from "./tokens.ts";

const ACCOUNTS = { group: "", plural: "serviceaccounts" };

/** Makes the account `default` of a namespace, unless it is there. */
export function createDefaultAccount(engine: Engine, namespace: string): void {
  const resource = engine.registry.ofShelf(ACCOUNTS);
  if (!resource || engine.store.shelf(ACCOUNTS).get({ namespace, name: "default" })) return;
  const object: Document = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name: "default",
      namespace,
      uid: randomUuid(engine.random),
      creationTimestamp: nowText(engine),
    },
  };
  commit(engine, internalCall(CONTROL_PLANE, { verb: "create", resource, object }), object);
}

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX = "kube-api-access-";
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;

/**
 * The document; a pod with the token of its account mounted where programs look for it, unless pod or account refuse.
 * Throws 403 when it names an account that does not exist.
 */
export function withIdentity(engine: Engine, call: Call, document: Document): Document {
  if (call.resource.group !== "" || call.resource.plural !== "pods") return document;
  const spec = fields(document.spec);
  const name = text(spec.serviceAccountName);
  const account = engine.store.shelf(ACCOUNTS).get({ namespace: call.namespace, name });
  if (!account) {
    throw forbidden(
      subjectOf(call, document.metadata.name),
      `error looking up service account ${call.namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }
  const wants = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (wants === false) return document;
  const volume = VOLUME_PREFIX + randomText(engine.random, SUFFIX_LENGTH, SUFFIX_ALPHABET);
  const mount = { name: volume, readOnly: true, mountPath: TOKEN_PATH };
  const mounted = (container: unknown) => {
    const mounts = items(fields(container).volumeMounts);
    if (mounts.some((one) => fields(one).mountPath === TOKEN_PATH)) return container;
    return { ...fields(container), volumeMounts: [...mounts, mount] };
  };
  return {
    ...document,
    spec: {
      ...spec,
      ...(Array.isArray(spec.initContainers)
        ? { initContainers: spec.initContainers.map(mounted) }
        : {}),
      containers: items(spec.containers).map(mounted),
      volumes: [...items(spec.volumes), identityVolume(volume)],
    },
  };
}

function identityVolume(name: string): Fields {
  const namespace = { apiVersion: "v1", fieldPath: "metadata.namespace" };
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: namespace }] } },
      ],
    },
  };
}
