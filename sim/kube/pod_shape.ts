/**
 * The fields of a pod as Go's structs declare them: what else a caller sends is dropped, what has another type cannot be
 * read at all. Knows names and types down to where we look; what is deeper stays as it comes. Pure.
 */
import { quantityOf } from "../../lib/quantity.ts";
import { type Fields, isFields } from "./document.ts";

/** A scalar by its name in Go, a list or map of shapes, or `any`. */
type Shape = string | Struct | { readonly list: Shape; readonly go: string } | {
  readonly map: Shape;
  readonly go: string;
};

interface Struct {
  readonly struct: string;
  readonly members: Readonly<Record<string, Shape>>;
}

const TEXTS: Shape = { list: "string", go: "[]string" };
const TEXT_MAP: Shape = { map: "string", go: "map[string]string" };
const QUANTITIES: Shape = { map: "quantity", go: "v1.ResourceList" };

/** Members that share a type, written as one text. */
function all(names: string, shape: Shape): Readonly<Record<string, Shape>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, shape]));
}

function listOf(struct: Struct): Shape {
  return { list: struct, go: `[]v1.${struct.struct}` };
}

const CONTAINER: Struct = {
  struct: "Container",
  members: {
    ...all("name image workingDir terminationMessagePath", "string"),
    ...all("stdin stdinOnce tty", "bool"),
    ...all("command args", TEXTS),
    ...all("livenessProbe readinessProbe startupProbe lifecycle securityContext", "any"),
    ...all("envFrom resizePolicy restartPolicyRules volumeDevices", "any"),
    imagePullPolicy: "v1.PullPolicy",
    terminationMessagePolicy: "v1.TerminationMessagePolicy",
    restartPolicy: "v1.ContainerRestartPolicy",
    env: listOf({
      struct: "EnvVar",
      members: { ...all("name value", "string"), valueFrom: "any" },
    }),
    ports: listOf({
      struct: "ContainerPort",
      members: {
        ...all("name hostIP", "string"),
        ...all("containerPort hostPort", "int32"),
        protocol: "v1.Protocol",
      },
    }),
    resources: {
      struct: "ResourceRequirements",
      members: { ...all("limits requests", QUANTITIES), claims: "any" },
    },
    volumeMounts: listOf({
      struct: "VolumeMount",
      members: {
        ...all("name mountPath subPath subPathExpr", "string"),
        readOnly: "bool",
        ...all("mountPropagation recursiveReadOnly", "any"),
      },
    }),
  },
};

const VOLUME: Struct = {
  struct: "Volume",
  members: {
    name: "string",
    ...all(
      "awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir " +
        "ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs hostPath image iscsi " +
        "nfs persistentVolumeClaim photonPersistentDisk portworxVolume projected quobyte rbd " +
        "scaleIO secret storageos vsphereVolume",
      "any",
    ),
  },
};

const POD_SPEC: Struct = {
  struct: "PodSpec",
  members: {
    ...all(
      "hostname nodeName priorityClassName runtimeClassName schedulerName serviceAccount " +
        "serviceAccountName subdomain hostnameOverride",
      "string",
    ),
    ...all(
      "automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers " +
        "setHostnameAsFQDN shareProcessNamespace",
      "bool",
    ),
    ...all("activeDeadlineSeconds terminationGracePeriodSeconds", "int64"),
    priority: "int32",
    restartPolicy: "v1.RestartPolicy",
    dnsPolicy: "v1.DNSPolicy",
    preemptionPolicy: "v1.PreemptionPolicy",
    nodeSelector: TEXT_MAP,
    overhead: QUANTITIES,
    containers: listOf(CONTAINER),
    initContainers: listOf(CONTAINER),
    volumes: listOf(VOLUME),
    ...all(
      "affinity dnsConfig ephemeralContainers hostAliases imagePullSecrets os readinessGates " +
        "resourceClaims resources schedulingGates schedulingGroup securityContext tolerations " +
        "topologySpreadConstraints workloadRef",
      "any",
    ),
  },
};

/** What reading a pod spec found: the known part, paths of the rest, and why it cannot be read. */
export interface ReadSpec {
  readonly spec: Fields;
  /** Such as `spec.containers[0].imagine`. */
  readonly unknown: readonly string[];
  /** In Go's words; `undefined` when it can be read. */
  readonly unreadable?: string | undefined;
}

/** Reads `value` as a pod spec found at `spec`. */
export function readPodSpec(value: Fields): ReadSpec {
  const unknown: string[] = [];
  const why: string[] = [];
  const spec = read(POD_SPEC, value, {
    path: "spec",
    names: "spec",
    owner: "Pod",
    unknown,
    why,
  }) as Fields;
  return { spec, unknown, unreadable: why[0] };
}

interface Walk {
  /** With the places in lists: for people. */
  readonly path: string;
  /** Without: as Go names it. */
  readonly names: string;
  /** The struct that holds this value. */
  readonly owner: string;
  readonly unknown: string[];
  readonly why: string[];
}

function read(shape: Shape, value: unknown, walk: Walk): unknown {
  if (shape === "any" || value === null || value === undefined) return value;
  if (typeof shape === "string") return scalar(shape, value, walk);
  if ("list" in shape) {
    if (!Array.isArray(value)) return mismatch(shape.go, value, walk);
    return value.map((item, index) =>
      read(shape.list, item, { ...walk, path: `${walk.path}[${index}]` })
    );
  }
  if ("map" in shape) {
    if (!isFields(value)) return mismatch(shape.go, value, walk);
    return mapped(
      value,
      (key, member) => read(shape.map, member, { ...walk, path: `${walk.path}.${key}` }),
    );
  }
  if (!isFields(value)) return mismatch(`v1.${shape.struct}`, value, walk);
  const known = Object.entries(value).filter(([key]) => {
    if (Object.hasOwn(shape.members, key)) return true;
    walk.unknown.push(`${walk.path}.${key}`);
    return false;
  });
  return mapped(
    Object.fromEntries(known),
    (key, member) =>
      read(shape.members[key] ?? "any", member, {
        ...walk,
        path: `${walk.path}.${key}`,
        names: `${walk.names}.${key}`,
        owner: shape.struct,
      }),
  );
}

function mapped(value: Fields, change: (key: string, member: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(key, one)]));
}

const QUANTITY_TEXT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function scalar(go: string, value: unknown, walk: Walk): unknown {
  if (go === "quantity") {
    if (quantityOf(value) === undefined) walk.why.push(QUANTITY_TEXT);
    return value;
  }
  const found: string = typeof value;
  const wanted = go === "bool" ? "boolean" : /^int\d/.test(go) ? "number" : "string";
  return found === wanted ? value : mismatch(go, value, walk);
}

function mismatch(go: string, value: unknown, { owner, names, why }: Walk): unknown {
  const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  why.push(`json: cannot unmarshal ${found} into Go struct field ${owner}.${names} of type ${go}`);
  return value;
}
