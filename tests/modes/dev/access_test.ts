import assert from "node:assert/strict";
import { parseDocuments } from "../../../lib/yaml.ts";
import { accessText, kubeconfigText } from "../../../modes/dev/access.ts";

Deno.test("a kubeconfig names server, authority and token", () => {
  const text = kubeconfigText({ kubeUrl: "https://127.0.0.1:1", ca: "PEM", token: "secret" });
  const config = parseDocuments(text, "kubeconfig")[0]?.value as {
    clusters: { cluster: unknown }[];
    users: { user: unknown }[];
  };
  assert.deepEqual(config.clusters[0]?.cluster, {
    server: "https://127.0.0.1:1",
    "certificate-authority-data": btoa("PEM"),
  });
  assert.deepEqual(config.users[0]?.user, { token: "secret" });
});

Deno.test("a person is told how to look around and how to queue more jobs", () => {
  const text = accessText({
    kubeconfig: "/etc/x/kubeconfig",
    githubUrl: "http://127.0.0.1:2",
    scaleSet: "set",
  });
  assert.match(text, /kubectl --kubeconfig \/etc\/x\/kubeconfig get /);
  assert.match(text, /curl -X POST http:\/\/127\.0\.0\.1:2\/_sim\/jobs .*"scaleSet":"set"/);
});
