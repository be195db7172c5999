import assert from "node:assert/strict";
import {
  childLabels,
  listenerIndexValue,
  mergeLabels,
  scaleSetIndexValue,
  urlLabels,
} from "../../controllers/metadata.ts";
import { parseConfigUrl } from "../../github/config_url.ts";
import { aRunner, aRunnerSet } from "../builders.ts";
import { pure } from "./situations.ts";

const ROWS: readonly {
  readonly claim: string;
  readonly base?: Readonly<Record<string, string>>;
  readonly over?: Readonly<Record<string, string>>;
  readonly excluded?: readonly string[];
  readonly expected: Readonly<Record<string, string>>;
}[] = [
  { claim: "nothing and nothing is nothing (X11)", expected: {} },
  { claim: "an absent base is an empty one (X11)", over: { a: "1" }, expected: { a: "1" } },
  { claim: "an absent rest is an empty one (X11)", base: { a: "1" }, expected: { a: "1" } },
  {
    claim: "what lies over wins",
    base: { a: "user", b: "user" },
    over: { a: "ours" },
    expected: { a: "ours", b: "user" },
  },
  {
    claim: "an excluded prefix drops keys of either side, by plain beginning",
    base: { "example.com/a": "1", "example.com": "stays", "directly.excluded.org/label": "1" },
    over: {
      "example.com/b": "1",
      "directly.excluded.org/labelled": "1",
      "directly.excluded.org/arbitrary": "stays",
    },
    excluded: ["example.com/", "directly.excluded.org/label"],
    expected: { "example.com": "stays", "directly.excluded.org/arbitrary": "stays" },
  },
];

for (const { claim, base, over, excluded = [], expected } of ROWS) {
  pure(`labels merged: ${claim}`, () => {
    assert.deepEqual(mergeLabels(base, over, excluded), expected);
  });
}

const LONG = "o".repeat(64);
const URLS: readonly (readonly [claim: string, url: string, expected: object])[] = [
  ["an organization", "https://github.com/acme", { "actions.github.com/organization": "acme" }],
  ["a repository", "https://github.com/acme/shop", {
    "actions.github.com/organization": "acme",
    "actions.github.com/repository": "shop",
  }],
  ["an enterprise", "https://github.com/enterprises/big", {
    "actions.github.com/enterprise": "big",
  }],
  ["RB-03: long names of organization and repository", `https://github.com/${LONG}/${LONG}`, {
    "actions.github.com/organization": `${"o".repeat(58)}-trim`,
    "actions.github.com/repository": `${"o".repeat(58)}-trim`,
  }],
  ["RB-04: a long name of an enterprise", `https://github.com/enterprises/${LONG}`, {
    "actions.github.com/enterprise": `${"o".repeat(58)}-trim`,
  }],
];

for (const [claim, url, expected] of URLS) {
  pure(`labels of a URL: ${claim}`, () => {
    assert.deepEqual(urlLabels(parseConfigUrl(url)), expected);
  });
}

pure("every child says which runner set it belongs to, and that set's version", () => {
  const set = aRunnerSet({ name: "gpu", namespace: "ns" });
  assert.deepEqual(childLabels(set, "runner-set"), {
    "app.kubernetes.io/part-of": "gha-runner-scale-set",
    "app.kubernetes.io/component": "runner-set",
    "app.kubernetes.io/version": "0.14.2",
    "actions.github.com/scale-set-name": "gpu",
    "actions.github.com/scale-set-namespace": "ns",
  });
  const plain = aRunnerSet({ metadata: { labels: null } });
  assert.equal(childLabels(plain, "runner")["app.kubernetes.io/version"], "");
});

pure("objects are filed under their runner set and listener, if they name one", () => {
  assert.deepEqual(scaleSetIndexValue(aRunner()), ["arc-runners/linux"]);
  assert.deepEqual(scaleSetIndexValue({}), []);
  const labels = {
    "auto-scaling-listener-name": "l",
    "auto-scaling-listener-namespace": "arc-systems",
  };
  assert.deepEqual(listenerIndexValue({ metadata: { labels } }), ["arc-systems/l"]);
  assert.deepEqual(listenerIndexValue(aRunner()), []);
});
