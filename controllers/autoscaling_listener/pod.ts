/** The listener's pod, and how a user's template is merged into it. Pure. Spec: §11.1 "Pod". */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { ANNOTATIONS, CONTAINERS, LISTENER_CONFIG } from "../../crds/group.ts";
import { listenerConfigSecretName, listenerProxySecretName } from "../../crds/names.ts";
import { ownerReference } from "../../kube/meta.ts";
import type { Container, EnvVar, Pod, PodSpec, PodTemplate } from "../../kube/types.ts";
import { proxyEnv } from "../proxy_secrets.ts";
import { integrityHash } from "../reconcile/children.ts";
import { desiredDocument, inheritedLabels, type ListenerParent } from "./children.ts";

/** Ours: hosts of GitHub that the listener reaches elsewhere. */
const GITHUB_HOSTS_ENV = "LONGSHORE_GITHUB_HOSTS";
const FORCE_GHES_ENV = "GITHUB_ACTIONS_FORCE_GHES";

/**
 * Its fingerprint covers its own spec and all of the document that a running listener cannot follow. Limits, credentials,
 * proxies and certificates it follows.
 */
export function desiredListenerPod(parent: ListenerParent): Pod {
  const { listener } = parent;
  const { min_runners: _min, max_runners: _max, ...restart } = desiredDocument(parent);
  const base = basePodSpec(parent);
  const { template } = listener.spec ?? {};
  const { scheduler = "" } = parent.settings;
  const merged: PodSpec = {
    ...hardened(template === undefined ? base : mergePodSpec(base, template.spec), template?.spec),
    ...(scheduler !== "" && { schedulerName: scheduler }),
  };
  const labels = { ...template?.metadata?.labels, ...inheritedLabels(parent) };
  const annotations = template?.metadata?.annotations ?? {};
  const hash = integrityHash({ restart, merged, labels, annotations });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: listener.metadata?.name ?? "",
      namespace: listener.metadata?.namespace ?? "",
      labels,
      annotations: { ...annotations, [ANNOTATIONS.integrityHash]: hash },
      ownerReferences: [ownerReference(listener, AUTOSCALING_LISTENERS)],
    },
    spec: merged,
  };
}

function basePodSpec(parent: ListenerParent): PodSpec {
  const { settings, listener: { spec = {}, metadata = {} } } = parent;
  const name = metadata.name ?? "";
  const port = settings.metricsAddress === "0" ? undefined : portOf(settings.metricsAddress);
  const env: EnvVar[] = [{
    name: LISTENER_CONFIG.env,
    value: `${LISTENER_CONFIG.mountPath}/${LISTENER_CONFIG.key}`,
  }, ...proxyEnv(spec.proxy, listenerProxySecretName(name))];
  if (settings.githubHosts !== "") {
    env.push({ name: GITHUB_HOSTS_ENV, value: settings.githubHosts });
  }
  if (settings.forceGhes) env.push({ name: FORCE_GHES_ENV, value: "1" });
  return {
    serviceAccountName: name,
    nodeSelector: { "kubernetes.io/os": "linux" },
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 60,
    ...(spec.imagePullSecrets && { imagePullSecrets: spec.imagePullSecrets }),
    volumes: [{
      name: LISTENER_CONFIG.volume,
      secret: { secretName: listenerConfigSecretName(name) },
    }],
    containers: [{
      name: CONTAINERS.listener,
      image: spec.image ?? "",
      command: [settings.entrypoint],
      env,
      volumeMounts: [{
        name: LISTENER_CONFIG.volume,
        mountPath: LISTENER_CONFIG.mountPath,
        readOnly: true,
      }],
      ...(port !== undefined &&
        { ports: [{ name: "metrics", containerPort: port, protocol: "TCP" }] }),
    }],
  };
}

/** What the Pod Security level `restricted` wants. Without a user id: some clusters give each namespace ids of its own. */
const RESTRICTED: NonNullable<Container["securityContext"]> = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * Our own program may do no more than it must. Where a template gives a security context, or another program, nothing is
 * added: the two could contradict each other. Side-cars are the user's.
 */
function hardened(spec: PodSpec, template: PodTemplate["spec"]): PodSpec {
  const own = template?.containers?.find(({ name }) => name === CONTAINERS.listener);
  const isTheirs = template?.securityContext !== undefined || own?.securityContext !== undefined ||
    Boolean(own?.image) || (own?.command?.length ?? 0) > 0;
  if (isTheirs) return spec;
  return {
    ...spec,
    containers: spec.containers.map((container) =>
      container.name === CONTAINERS.listener
        ? { ...container, securityContext: RESTRICTED }
        : container
    ),
  };
}

function portOf(address: string): number | undefined {
  const port = Number(/:(\d+)$/.exec(address)?.[1]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/** Pod fields that a template sets, or clears by leaving them out. */
const OVERWRITTEN = [
  "initContainers",
  "ephemeralContainers",
  "terminationGracePeriodSeconds",
  "activeDeadlineSeconds",
  "dnsPolicy",
  "nodeName",
  "hostNetwork",
  "hostPID",
  "hostIPC",
  "shareProcessNamespace",
  "securityContext",
  "hostname",
  "subdomain",
  "affinity",
  "schedulerName",
  "tolerations",
  "hostAliases",
  "priorityClassName",
  "priority",
  "dnsConfig",
  "readinessGates",
  "runtimeClassName",
  "enableServiceLinks",
  "preemptionPolicy",
  "overhead",
  "topologySpreadConstraints",
  "setHostnameAsFQDN",
  "os",
  "hostUsers",
  "schedulingGates",
  "resourceClaims",
] as const satisfies readonly (keyof PodSpec)[];

/** The same for the `listener` container. */
const OVERWRITTEN_IN_CONTAINER = [
  "imagePullPolicy",
  "workingDir",
  "resources",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "securityContext",
  "resizePolicy",
  "restartPolicy",
  "stdin",
  "stdinOnce",
  "tty",
] as const satisfies readonly (keyof Container)[];

const APPENDED_IN_CONTAINER = [
  "env",
  "args",
  "ports",
  "envFrom",
  "volumeMounts",
  "volumeDevices",
] as const satisfies readonly (keyof Container)[];

function mergePodSpec(base: PodSpec, template: PodTemplate["spec"]): PodSpec {
  if (template === undefined) return base;
  const theirs = template.containers ?? [];
  const own = theirs.find((container) => container.name === CONTAINERS.listener);
  const merged: Record<string, unknown> = {
    ...base,
    containers: [
      ...base.containers.map((container) => own ? mergeContainer(container, own) : container),
      ...theirs.filter((container) => container.name !== CONTAINERS.listener),
    ],
    volumes: [...base.volumes ?? [], ...template.volumes ?? []],
  };
  for (const name of OVERWRITTEN) assign(merged, name, template[name]);
  if (template.restartPolicy) merged["restartPolicy"] = template.restartPolicy;
  if (template.imagePullSecrets) merged["imagePullSecrets"] = template.imagePullSecrets;
  if (template.nodeSelector) merged["nodeSelector"] = template.nodeSelector;
  return merged as unknown as PodSpec;
}

function mergeContainer(base: Container, over: Container): Container {
  const merged: Record<string, unknown> = { ...base };
  if (over.image) merged["image"] = over.image;
  if (over.command && over.command.length > 0) merged["command"] = over.command;
  for (const name of APPENDED_IN_CONTAINER) {
    const both = [
      ...(base[name] as readonly unknown[] ?? []),
      ...(over[name] as readonly unknown[] ?? []),
    ];
    if (both.length > 0) merged[name] = both;
  }
  for (const name of OVERWRITTEN_IN_CONTAINER) assign(merged, name, over[name]);
  return merged as unknown as Container;
}

function assign(target: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) delete target[name];
  else target[name] = value;
}
