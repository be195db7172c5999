import assert from "node:assert/strict";
import { gitHubTarget, targetText } from "../../controllers/github_target.ts";
import { aListener, anEphemeralRunnerSet, aRunner, aRunnerSet, STORY } from "../builders.ts";
import { pure, TARGET } from "./situations.ts";

pure("a runner set, its listener, its runners and their set go the same way", () => {
  const proxy = { https: { url: "http://proxy.example" } };
  const githubServerTLS = { certificateFrom: { configMapKeyRef: { name: "ca", key: "k" } } };
  const common = { proxy, githubServerTLS };
  const targets = [
    aRunnerSet({ spec: common }).spec,
    aListener({ spec: common }).spec,
    anEphemeralRunnerSet({ spec: { ephemeralRunnerSpec: common } }).spec?.ephemeralRunnerSpec,
    aRunner({ spec: common }).spec,
  ].map((spec) => gitHubTarget(STORY.namespace, spec));
  for (const target of targets) {
    assert.deepEqual(target, { ...TARGET, proxy, serverTls: githubServerTLS });
    assert.equal(targetText(target), targetText({ ...TARGET, proxy, serverTls: githubServerTLS }));
  }
});

pure("a vault is part of where it goes, unless it has no type", () => {
  const vaultConfig = { type: "azure_key_vault" };
  const target = gitHubTarget(STORY.namespace, aRunnerSet({ spec: { vaultConfig } }).spec);
  assert.deepEqual(target, { ...TARGET, vaultType: "azure_key_vault" });
  assert.notEqual(targetText(target), targetText(TARGET));
  const { spec } = aRunnerSet({ spec: { vaultConfig: { type: "" } } });
  assert.deepEqual(gitHubTarget(STORY.namespace, spec), TARGET);
});

pure("without either, neither is named", () => {
  assert.deepEqual(gitHubTarget(STORY.namespace, aRunnerSet().spec), TARGET);
  assert.notEqual(targetText(TARGET), targetText({ ...TARGET, proxy: {} }));
  assert.deepEqual(gitHubTarget("n", undefined), { namespace: "n", configUrl: "", secretName: "" });
});
