/**
 * The document by which a controller tells a listener what to do: key `config.json` of the listener's config Secret.
 * Shape as ARC writes it (`cmd/ghalistener/config/config.go`), and three keys of ours. What values are accepted is the
 * listener's to say; here only the shape is checked.
 */
import { InvalidInput } from "../lib/errors.ts";
import type { MetricsConfig } from "./shared_fields.ts";

export interface ListenerConfigDocument {
  readonly configure_url: string;
  readonly vault_type?: string;
  readonly vault_lookup_key?: string;
  readonly azure_key_vault?: {
    readonly tenant_id?: string;
    readonly client_id?: string;
    readonly url?: string;
    readonly certificate_path?: string;
  } | undefined;
  readonly github_app_id?: string;
  readonly github_app_installation_id?: number;
  readonly github_app_private_key?: string;
  readonly github_token?: string;
  readonly ephemeral_runner_set_namespace: string;
  readonly ephemeral_runner_set_name: string;
  readonly max_runners: number;
  readonly min_runners: number;
  readonly runner_scale_set_id: number;
  readonly runner_scale_set_name: string;
  /** PEM text, or empty. */
  readonly server_root_ca: string;
  readonly log_level: string;
  readonly log_format: string;
  /** Empty: no metrics server. */
  readonly metrics_addr: string;
  readonly metrics_endpoint: string;
  readonly metrics: MetricsConfig | null;
  /** Ours, in place of the environment, which a running process cannot see change. User names and passwords inside. */
  readonly proxy?: {
    readonly http_proxy?: string;
    readonly https_proxy?: string;
    readonly no_proxy?: string;
  } | undefined;
  /** Ours: the object whose limits a running listener follows. Absent when another controller wrote the document. */
  readonly autoscaling_listener_namespace?: string;
  readonly autoscaling_listener_name?: string;
}

/** What a value must be. An object whose keys are known names them; one with free keys says what each holds. */
type Shape =
  | "string"
  | "number"
  | "strings"
  | "floats"
  | { readonly keys: Readonly<Record<string, Shape>> }
  | { readonly each: Shape };

const METRICS: Shape = {
  keys: {
    counters: { each: { keys: { labels: "strings" } } },
    gauges: { each: { keys: { labels: "strings" } } },
    histograms: { each: { keys: { labels: "strings", buckets: "floats" } } },
  },
};

const VAULT: Shape = {
  keys: { tenant_id: "string", client_id: "string", url: "string", certificate_path: "string" },
};

const PROXY: Shape = {
  keys: { http_proxy: "string", https_proxy: "string", no_proxy: "string" },
};

/** Every key with its shape; an absent key takes the zero value of its type, as Go's decoder has it. */
const KEYS: Readonly<Record<keyof ListenerConfigDocument, { shape: Shape; optional?: true }>> = {
  configure_url: { shape: "string" },
  vault_type: { shape: "string", optional: true },
  vault_lookup_key: { shape: "string", optional: true },
  azure_key_vault: { shape: VAULT, optional: true },
  github_app_id: { shape: "string", optional: true },
  github_app_installation_id: { shape: "number", optional: true },
  github_app_private_key: { shape: "string", optional: true },
  github_token: { shape: "string", optional: true },
  ephemeral_runner_set_namespace: { shape: "string" },
  ephemeral_runner_set_name: { shape: "string" },
  max_runners: { shape: "number" },
  min_runners: { shape: "number" },
  runner_scale_set_id: { shape: "number" },
  runner_scale_set_name: { shape: "string" },
  server_root_ca: { shape: "string" },
  log_level: { shape: "string" },
  log_format: { shape: "string" },
  metrics_addr: { shape: "string" },
  metrics_endpoint: { shape: "string" },
  metrics: { shape: METRICS },
  proxy: { shape: PROXY, optional: true },
  autoscaling_listener_namespace: { shape: "string", optional: true },
  autoscaling_listener_name: { shape: "string", optional: true },
};

/**
 * Reads the document: unknown keys are ignored and keys match in any case, as in Go. Throws {@link InvalidInput} naming
 * the key and the wanted type; values are not quoted, as some are secrets.
 */
export function parseListenerConfig(text: string): ListenerConfigDocument {
  const parsed = parsedJson(text);
  if (!isObject(parsed)) {
    throw new InvalidInput("The listener's configuration must be a JSON object");
  }
  const given = new Map(Object.entries(parsed).map(([key, value]) => [key.toLowerCase(), value]));
  const document: Record<string, unknown> = {};
  for (const [key, { shape, optional }] of Object.entries(KEYS)) {
    const value: unknown = given.get(key) ?? undefined;
    if (value !== undefined) {
      check(value, shape, key);
      document[key] = value;
    } else if (!optional) {
      document[key] = shape === "string" ? "" : shape === "number" ? 0 : null;
    }
  }
  return document as unknown as ListenerConfigDocument;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left behind: it quotes the text, which holds credentials.
    throw new InvalidInput("The listener's configuration is not JSON");
  }
}

/** Null is an absent value, as in Go. */
function check(value: unknown, shape: Shape, path: string): void {
  if (value === undefined || value === null) return;
  if (typeof shape === "string") {
    if (!LEAVES[shape].is(value)) throw mistake(path, LEAVES[shape].wanted);
    return;
  }
  if (!isObject(value)) throw mistake(path, "an object");
  for (const [key, item] of Object.entries(value)) {
    const inner = "each" in shape ? shape.each : new Map(Object.entries(shape.keys)).get(key);
    if (inner !== undefined) check(item, inner, `${path}.${key}`);
  }
}

const LEAVES = {
  string: { wanted: "a string", is: (value: unknown) => typeof value === "string" },
  number: { wanted: "a whole number", is: Number.isInteger },
  strings: {
    wanted: "a list of strings",
    is: (value: unknown) => Array.isArray(value) && value.every((v) => typeof v === "string"),
  },
  floats: {
    wanted: "a list of numbers",
    is: (value: unknown) => Array.isArray(value) && value.every((v) => typeof v === "number"),
  },
} as const;

function mistake(path: string, wanted: string): InvalidInput {
  return new InvalidInput(`Listener configuration: "${path}" must be ${wanted}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
