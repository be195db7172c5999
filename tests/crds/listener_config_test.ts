/** The decode rules of the listener's configuration, which are those of Go's JSON decoder. */
import assert from "node:assert/strict";
import { parseListenerConfig } from "../../crds/listener_config.ts";
import { InvalidInput } from "../../lib/errors.ts";

/** As ARC's controller writes it for a token, every key present. */
const FULL = {
  configure_url: "https://github.com/acme",
  vault_type: "",
  vault_lookup_key: "",
  github_app_id: "",
  github_app_installation_id: 0,
  github_app_private_key: "",
  github_token: "ghp_dummy",
  ephemeral_runner_set_namespace: "arc-runners",
  ephemeral_runner_set_name: "linux",
  max_runners: 2147483647,
  min_runners: 0,
  runner_scale_set_id: 7,
  runner_scale_set_name: "linux",
  server_root_ca: "",
  log_level: "debug",
  log_format: "text",
  metrics_addr: ":8080",
  metrics_endpoint: "/metrics",
  metrics: {
    counters: { gha_started_jobs_total: { labels: ["job_name"] } },
    gauges: { gha_idle_runners: { labels: [] } },
    histograms: { gha_job_startup_duration_seconds: { labels: [], buckets: [0.5, 1] } },
  },
} as const;

Deno.test("a document as ARC writes it is read unchanged", { permissions: "none" }, () => {
  assert.deepEqual(parseListenerConfig(JSON.stringify(FULL)), FULL);
});

Deno.test("absent and null keys take the zero value of their type", { permissions: "none" }, () => {
  const zero = {
    configure_url: "",
    ephemeral_runner_set_namespace: "",
    ephemeral_runner_set_name: "",
    max_runners: 0,
    min_runners: 0,
    runner_scale_set_id: 0,
    runner_scale_set_name: "",
    server_root_ca: "",
    log_level: "",
    log_format: "",
    metrics_addr: "",
    metrics_endpoint: "",
    metrics: null,
  };
  assert.deepEqual(parseListenerConfig("{}"), zero);
  const nulls = Object.fromEntries(Object.keys(FULL).map((key) => [key, null]));
  assert.deepEqual(parseListenerConfig(JSON.stringify(nulls)), zero);
});

const ACCEPTED = [
  { claim: "unknown keys are ignored", given: { log_colour: ["red"] }, adds: {} },
  {
    claim: "keys match in any case",
    given: { Configure_URL: "https://x.test" },
    adds: { configure_url: "https://x.test" },
  },
  {
    claim: "the last of two spellings counts",
    given: { MIN_RUNNERS: 2, min_runners: 3 },
    adds: { min_runners: 3 },
  },
  {
    claim: "a client id is an app id",
    given: { github_app_id: "Iv1.abc" },
    adds: { github_app_id: "Iv1.abc" },
  },
  {
    claim: "a vault needs no credentials",
    given: { vault_type: "azure_key_vault", vault_lookup_key: "gh" },
    adds: { vault_type: "azure_key_vault", vault_lookup_key: "gh" },
  },
  {
    claim: "an unknown vault is for the listener to refuse",
    given: { vault_type: "other" },
    adds: { vault_type: "other" },
  },
  {
    claim: "limits in the wrong order are for the listener to refuse",
    given: { min_runners: 5, max_runners: 2 },
    adds: { min_runners: 5, max_runners: 2 },
  },
  {
    claim: "an empty metrics object is kept apart from none",
    given: { metrics: {} },
    adds: { metrics: {} },
  },
  {
    claim: "the object whose limits are followed is read",
    given: { autoscaling_listener_namespace: "arc-systems", autoscaling_listener_name: "l" },
    adds: { autoscaling_listener_namespace: "arc-systems", autoscaling_listener_name: "l" },
  },
] as const;

for (const { claim, given, adds } of ACCEPTED) {
  Deno.test(`listener configuration: ${claim}`, { permissions: "none" }, () => {
    assert.deepEqual(parseListenerConfig(JSON.stringify(given)), {
      ...parseListenerConfig("{}"),
      ...adds,
    });
  });
}

const REFUSED = [
  { claim: "no JSON", text: "{", message: /is not JSON/ },
  { claim: "an empty file", text: "", message: /is not JSON/ },
  { claim: "a list", text: "[]", message: /must be a JSON object/ },
  { claim: "null", text: "null", message: /must be a JSON object/ },
  {
    claim: "a numeric app id",
    text: '{"github_app_id":1}',
    message: /"github_app_id" must be a string/,
  },
  {
    claim: "an installation id in quotes",
    text: '{"github_app_installation_id":"1"}',
    message: /"github_app_installation_id" must be a whole number/,
  },
  {
    claim: "a fraction",
    text: '{"max_runners":1.5}',
    message: /"max_runners" must be a whole number/,
  },
  {
    claim: "a list for an object",
    text: '{"metrics":[]}',
    message: /"metrics" must be an object/,
  },
  {
    claim: "a text for an object",
    text: '{"azure_key_vault":"x"}',
    message: /"azure_key_vault" must be an object/,
  },
  {
    claim: "a number inside the vault",
    text: '{"azure_key_vault":{"url":1}}',
    message: /"azure_key_vault.url" must be a string/,
  },
  {
    claim: "metrics that are a list",
    text: '{"metrics":{"counters":[]}}',
    message: /"metrics.counters" must be an object/,
  },
  {
    claim: "labels that are a text",
    text: '{"metrics":{"gauges":{"g":{"labels":"a"}}}}',
    message: /"metrics.gauges.g.labels" must be a list of strings/,
  },
  {
    claim: "buckets that are texts",
    text: '{"metrics":{"histograms":{"h":{"labels":[],"buckets":["1"]}}}}',
    message: /"metrics.histograms.h.buckets" must be a list of numbers/,
  },
] as const;

for (const { claim, text, message } of REFUSED) {
  Deno.test(`listener configuration: ${claim} is refused`, { permissions: "none" }, () => {
    assert.throws(() => parseListenerConfig(text), (thrown) => {
      assert.ok(thrown instanceof InvalidInput);
      assert.match(thrown.message, message);
      return true;
    });
  });
}

const LEAKS = [
  '{"github_token": ghp_secret}',
  '{"github_token": ["ghp_secret"]}',
  '{"github_app_id": "ghp_secret" "x"}',
  "ghp_secret",
] as const;

for (const text of LEAKS) {
  Deno.test(`no error repeats the secret in ${text}`, { permissions: "none" }, () => {
    assert.throws(() => parseListenerConfig(text), (thrown) => {
      for (let error = thrown; error instanceof Error; error = error.cause) {
        assert.doesNotMatch(`${error.message} ${error.stack}`, /ghp_secret/);
      }
      return true;
    });
  });
}
