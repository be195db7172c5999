/** How the runner sets' chart finds the controller: rendered against an API server that knows Deployments and no more. */
import assert from "node:assert/strict";
import { chartTest } from "./chart_test_case.ts";
import { refusal, type Release, render } from "./render.ts";
import { RUNNER_SET_RELEASE } from "./runner_set_cases.ts";
import { type Labels, withSmallApi } from "./small_api.ts";

const PART_OF = { "app.kubernetes.io/part-of": "gha-rs-controller" };

function controller(name: string, more: Labels = {}): Labels {
  return {
    ...PART_OF,
    "actions.github.com/controller-service-account-name": name,
    "actions.github.com/controller-service-account-namespace": `${name}-systems`,
    ...more,
  };
}

function forOne(name: string, namespace: string): Labels {
  return controller(name, { "actions.github.com/controller-watch-single-namespace": namespace });
}

async function withCluster(
  deployments: readonly Labels[],
  work: (release: Release) => Promise<void>,
): Promise<void> {
  await withSmallApi({ deployments }, (args) =>
    work({
      ...RUNNER_SET_RELEASE,
      values: { ...RUNNER_SET_RELEASE.values, controllerServiceAccount: undefined },
      args: ["--dry-run=server", ...args],
    }));
}

const FOUND: readonly {
  readonly claim: string;
  readonly deployments: readonly Labels[];
  readonly given?: Labels;
  readonly subject: readonly [name: string, namespace: string];
}[] = [
  {
    claim: "the one controller for the whole cluster",
    deployments: [{ app: "other" }, controller("arc")],
    subject: ["arc", "arc-systems"],
  },
  {
    claim: "the controller for this namespace among those for single ones",
    deployments: [forOne("a", "elsewhere"), forOne("b", "arc-runners")],
    subject: ["b", "b-systems"],
  },
  {
    claim: "a name that is given wins, the namespace is found",
    deployments: [controller("arc")],
    given: { name: "mine" },
    subject: ["mine", "arc-systems"],
  },
  {
    claim: "a namespace that is given wins, the name is found",
    deployments: [controller("arc")],
    given: { namespace: "mine" },
    subject: ["arc", "mine"],
  },
];

for (const { claim, deployments, given, subject } of FOUND) {
  chartTest(`the controller is found: ${claim}`, async () => {
    await withCluster(deployments, async (release) => {
      const values = { ...release.values, ...(given && { controllerServiceAccount: given }) };
      const { subjects } = (await render({ ...release, values })).one(
        "RoleBinding",
        "arc-runner-set-gha-rs-manager",
      );
      const [name, namespace] = subject;
      assert.deepEqual(subjects, [{ kind: "ServiceAccount", name, namespace }]);
    });
  });
}

const REFUSED: readonly {
  readonly when: string;
  readonly deployments: readonly Labels[];
  readonly says: string;
}[] = [
  { when: "there is none", deployments: [{ app: "other" }], says: "no Deployment has the label" },
  {
    when: "there are two for the whole cluster",
    deployments: [controller("a"), controller("b")],
    says: "there are 2 controllers for the whole cluster",
  },
  {
    when: "there are both kinds",
    deployments: [controller("a"), forOne("b", "arc-runners")],
    says: "for the whole cluster and controllers for a single namespace",
  },
  {
    when: "none serves this namespace",
    deployments: [forOne("a", "elsewhere")],
    says: 'no controller serves the namespace "arc-runners"',
  },
  {
    when: "it does not say whose account it has",
    deployments: [PART_OF],
    says: "has no label actions.github.com/controller-service-account-name",
  },
];

for (const { when, deployments, says } of REFUSED) {
  chartTest(`the controller is not guessed when ${when}`, async () => {
    await withCluster(deployments, async (release) => {
      const message = await refusal(release);
      assert.ok(message.includes(says), message);
      assert.ok(message.includes("Set controllerServiceAccount.name"), message);
    });
  });
}
