/** Whose rights are to be asked for, from what is installed. Pure; the rules are those of the rooms that use them. */
import type { ControllerConfig } from "../../controllers/config.ts";
import { neededRights, servedNamespaces } from "../../controllers/rights.ts";
import {
  clusterRules,
  documentWatchRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../../controllers/rules.ts";
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { isDeleting } from "../../kube/meta.ts";
import { type Deployment, keyOf, keyText, type ObjectKey } from "../../kube/types.ts";
import { listenerRules, watchRules } from "../../listener/rules.ts";
import { configOfDeployment, controllerConfig } from "../installed_controllers.ts";
import type { RightsQuestion } from "./rights_review.ts";

export interface Installed {
  readonly deployments: readonly Deployment[];
  readonly sets: readonly AutoscalingRunnerSet[];
  readonly listeners: readonly AutoscalingListener[];
  /** Our own: where a controller would be that nobody has installed. */
  readonly namespace: string;
}

/** Of every controller, or of us where there is none; then of every listener. */
export function rightsQuestions(installed: Installed): readonly RightsQuestion[] {
  const controllers = installed.deployments.map(controllerOf);
  const own = {
    who: "our own account",
    account: undefined,
    config: controllerConfig(installed.namespace, []),
  };
  return [
    ...(controllers.length > 0 ? controllers : [own]).flatMap((one) =>
      ofController(one, installed)
    ),
    ...installed.listeners.filter((one) => !isDeleting(one)).flatMap(ofListener),
  ];
}

interface Controller {
  readonly who: string;
  readonly account: ObjectKey | undefined;
  readonly config: ControllerConfig;
}

function controllerOf(deployment: Deployment): Controller {
  const { namespace } = keyOf(deployment);
  const spec = deployment.spec?.template.spec;
  const account = { namespace, name: spec?.serviceAccountName ?? "default" };
  return {
    who: `the controller's account "${keyText(account)}"`,
    account,
    config: configOfDeployment(deployment),
  };
}

function ofController(
  { who, account, config }: Controller,
  { sets }: Installed,
): readonly RightsQuestion[] {
  const served = servedNamespaces(config);
  const namespaces = new Set(
    sets.filter((set) => !isDeleting(set)).map((set) => keyOf(set).namespace)
      .filter((namespace) => served.length === 0 || served.includes(namespace)),
  );
  return [
    ...served.length === 0 ? wholeCluster(config) : neededRights(config).map((
      { namespace, rules },
    ) => ({ namespace, needed: rules, useful: eventRules })),
    ...[...namespaces].map((namespace) => ({
      namespace,
      needed: runnerNamespaceRules,
      useful: documentWatchRules,
    })),
  ].map((question) => ({ who, account, ...question }));
}

function wholeCluster({ namespace, leaderElection }: ControllerConfig) {
  const own = [...ownNamespaceRules, ...(leaderElection ? leaderElectionRules : [])];
  return [
    { namespace: "", needed: clusterRules, useful: eventRules },
    { namespace, needed: own, useful: [] },
  ];
}

function ofListener(listener: AutoscalingListener): readonly RightsQuestion[] {
  const account = keyOf(listener);
  const who = `the listener's account "${keyText(account)}"`;
  const { autoscalingRunnerSetNamespace = "", ephemeralRunnerSetName = "" } = listener.spec ?? {};
  return [
    {
      who,
      account,
      namespace: autoscalingRunnerSetNamespace,
      needed: listenerRules({ ephemeralRunnerSetName }),
      useful: [],
    },
    { who, account, namespace: account.namespace, needed: [], useful: watchRules(account) },
  ];
}
