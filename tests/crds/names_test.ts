/** Vectors that a takeover depends on: names that a former controller has already given. */
import assert from "node:assert/strict";
import {
  fitName,
  fnv1a32,
  listenerConfigSecretName,
  listenerName,
  listenerProxySecretName,
  nameHash,
  runnerProxySecretName,
  safeHash,
  urlLabelValue,
} from "../../crds/names.ts";

/** Source: `hash/fnv.go` upstream; computed with it. */
const HASHES = [
  ["test-ns@@https://github.com/owner/repo", 2963531925, "6fb7975f69", "6fb7975f"],
  ["arc-runners@@https://github.com/my-org", 1260679726, "56b4bcfc6b", "56b4bcfc"],
  ["arc-runners@default@https://github.com/my-org/my-repo", 4226494315, "866b8f8759", "866b8f87"],
  ["arc-runners@gpu@https://github.com/enterprises/acme", 2249634328, "668fb7876d", "668fb787"],
  ["arc-runners", 3106134893, "754b578df7", "754b578d"],
  ["test-ns", 1308400227, "574d84466c", "574d8446"],
] as const;

for (const [text, decimal, full, short] of HASHES) {
  Deno.test(`"${text}" hashes as ARC hashes it`, { permissions: "none" }, () => {
    assert.equal(fnv1a32(text), decimal);
    assert.equal(safeHash(text), full);
    assert.equal(nameHash(text), short);
  });
}

Deno.test("the hash is over UTF-8 bytes, not characters", { permissions: "none" }, () => {
  assert.equal(fnv1a32(""), 0x811c9dc5);
  assert.equal(fnv1a32("é"), fnv1aOfBytes([0xc3, 0xa9]));
});

Deno.test("a hash shorter than eight digits is not padded", { permissions: "none" }, () => {
  const short = Array.from({ length: 2000 }, (_, i) => `text-${i}`)
    .find((text) => String(fnv1a32(text)).length < 8);
  assert.ok(short !== undefined);
  assert.equal(nameHash(short).length, String(fnv1a32(short)).length);
});

const LISTENERS = [
  {
    parts: {
      runnerSetName: "arc-runner-set",
      runnerSetNamespace: "arc-runners",
      runnerGroup: "",
      configUrl: "https://github.com/my-org",
    },
    name: "arc-runner-set-56b4bcfc-listener",
  },
  {
    parts: {
      runnerSetName: "gpu",
      runnerSetNamespace: "arc-runners",
      runnerGroup: "gpu",
      configUrl: "https://github.com/enterprises/acme",
    },
    name: "gpu-668fb787-listener",
  },
] as const;

for (const { parts, name } of LISTENERS) {
  Deno.test(`the listener of "${parts.runnerSetName}" is named "${name}"`, {
    permissions: "none",
  }, () => assert.equal(listenerName(parts), name));
}

Deno.test("the raw config URL counts: a slash at its end makes another listener", {
  permissions: "none",
}, () => {
  const parts = LISTENERS[0].parts;
  assert.notEqual(
    listenerName(parts),
    listenerName({ ...parts, configUrl: `${parts.configUrl}/` }),
  );
});

Deno.test("the longest name that ARC's chart allows is kept whole", { permissions: "none" }, () => {
  const runnerSetName = "a".repeat(45);
  const name = listenerName({ ...LISTENERS[0].parts, runnerSetName });
  assert.equal(name, `${runnerSetName}-56b4bcfc-listener`);
  assert.equal(name.length, 63);
});

Deno.test("longer names are cut to 63 characters and stay apart", { permissions: "none" }, () => {
  const named = ["b", "c"].map((end) =>
    listenerName({ ...LISTENERS[0].parts, runnerSetName: "a".repeat(60) + end })
  );
  assert.deepEqual(named.map((name) => name.length), [63, 63]);
  assert.notEqual(named[0], named[1]);
  for (const name of named) assert.match(name, /^a+-[456789bcdf]{1,8}-56b4bcfc-listener$/);
});

Deno.test("a cut base never leaves a name that Kubernetes refuses", { permissions: "none" }, () => {
  for (const unit of ["a.", "ab.", "ab-", "a"]) {
    for (let length = 40; length < 70; length++) {
      const name = fitName(`${unit.repeat(40).slice(0, length)}z`, "-listener");
      assert.ok(name.length <= 63);
      assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    }
  }
});

Deno.test("children of a listener and of a set are named after it", { permissions: "none" }, () => {
  assert.equal(runnerProxySecretName("linux", "arc-runners"), "linux-754b578d-runner-proxy");
  assert.equal(listenerConfigSecretName("linux-listener"), "linux-listener-config");
  assert.equal(listenerProxySecretName("linux-listener"), "linux-listener-proxy");
});

const LABELS = [
  {
    claim: "RB-03, RB-04: 64 characters end in -trim",
    part: "o".repeat(64),
    label: "o".repeat(58) + "-trim",
  },
  { claim: "63 characters are kept", part: "o".repeat(63), label: "o".repeat(63) },
  { claim: "an empty part stays empty", part: "", label: "" },
  { claim: "ends are stripped", part: "-_.my.org_.-", label: "my.org" },
  { claim: "the middle is kept", part: "my-._org", label: "my-._org" },
  { claim: "a part of nothing else is empty", part: "-._", label: "" },
] as const;

for (const { claim, part, label } of LABELS) {
  Deno.test(`label of a URL's part: ${claim}`, { permissions: "none" }, () => {
    assert.equal(urlLabelValue(part), label);
    assert.ok(urlLabelValue(part).length <= 63);
  });
}

function fnv1aOfBytes(bytes: readonly number[]): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}
