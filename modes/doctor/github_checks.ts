/** Whether every runner set gets through to GitHub, with what it was given. Pure. */
import { isDeleting } from "../../kube/meta.ts";
import { keyOf, keyText } from "../../kube/types.ts";
import type { Check, Finding } from "./check.ts";
import type { Facts, GitHubAnswer } from "./facts.ts";
import { judged, ok, orOk, unseen, wrong } from "./seen.ts";

export const secretsWellFormed: Check = {
  id: "secrets",
  asks: "Do the Secrets and ConfigMaps of the runner sets hold what they must?",
  judge: ({ sets, documents }) =>
    judged(sets, (all) => {
      const alive = all.filter((set) => !isDeleting(set));
      if (alive.length === 0) return [ok("There is no runner set yet")];
      return orOk(
        alive.flatMap((set): readonly Finding[] => {
          const name = keyText(keyOf(set));
          const fact = documents.get(name);
          if (fact === undefined) return [];
          return judged(fact, (problem) =>
            problem === undefined ? [] : [wrong(
              `Runner set "${name}": ${problem.message}`,
              problem.about === "network"
                ? "Correct the field, or what it names"
                : "Create or correct the Secret that spec.githubConfigSecret names; it is taken live",
            )]);
        }),
        `Those of ${alive.length} runner sets are well-formed`,
      );
    }),
};

export const githubReachable: Check = {
  id: "github",
  asks: "Does GitHub answer, through the proxies and certificates of each set?",
  judge: (facts) =>
    perAnswer(facts, {
      of: ({ proof }) =>
        proof.is !== "unreachable" ? [] : [wrong(
          proof.message,
          "Check spec.proxy and spec.githubServerTLS of the set, NetworkPolicies and the firewall",
        )],
      well: "GitHub answers every set",
    }),
};

export const credentialsTaken: Check = {
  id: "credentials",
  asks: "Does GitHub take the credentials, with the scope they need?",
  judge: (facts) =>
    perAnswer(facts, {
      of: ({ set, proof }) =>
        proof.is === "unreachable"
          ? [unseen(`GitHub was not reached for "${set}"`)]
          : proof.is === "taken"
          ? []
          : [wrong(
            `GitHub refuses the credentials of "${set}": ${proof.message}`,
            "Renew the token, or grant the App what it lacks, and write it into the Secret",
          )],
      well: "GitHub takes the credentials of every set",
    }),
};

export const registeredAtGitHub: Check = {
  id: "registration",
  asks: "Do the runner groups and the scale sets exist at GitHub?",
  judge: (facts) =>
    perAnswer(facts, { of: registration, well: "Every scale set is there, in its runner group" }),
};

function registration({ set, configUrl, group, scaleSet, proof }: GitHubAnswer) {
  if (proof.is !== "taken") return [unseen(`GitHub did not answer for "${set}"`)];
  if (group !== undefined && group.id === undefined) {
    return [wrong(
      `GitHub has no runner group "${group.name}" at ${configUrl}, which "${set}" wants`,
      "Create the group, let it be seen from there, or correct spec.runnerGroup",
    )];
  }
  if (scaleSet === undefined) {
    return [wrong(
      `Runner set "${set}" is not registered at GitHub yet`,
      "A controller that runs registers it; see the checks above",
    )];
  }
  if (scaleSet.name !== undefined) return [];
  return [wrong(
    `GitHub knows no scale set "${scaleSet.wanted}" at ${configUrl}, which "${set}" was`,
    "The controller registers it again within minutes; if not, look at its log",
  )];
}

function perAnswer(
  { github, sets }: Facts,
  question: {
    readonly of: (answer: GitHubAnswer) => readonly Finding[];
    readonly well: string;
  },
): readonly Finding[] {
  if (github.length === 0) {
    const why = "unseen" in sets ? sets.unseen : "there is no runner set to ask for";
    return [unseen(why)];
  }
  const findings = github.flatMap((answer) => judged(answer, question.of));
  return orOk([...new Map(findings.map((one) => [one.says, one])).values()], question.well);
}

/** An App's assertion is made a minute early and lasts nine: a clock further off than this is refused. */
const SKEW_MS = 60_000;
/** Headers tell whole seconds, and answers take a moment. */
const FINE_MS = 5_000;

export const clocksAgree: Check = {
  id: "clocks",
  asks: "Do the clocks of the cluster, of GitHub and of this machine agree?",
  judge: ({ clocks }) => {
    if (clocks.length === 0) return [unseen("no server told its time")];
    const all = [...clocks, { host: "this machine", aheadMs: 0 }];
    const [first] = all.toSorted((a, b) => a.aheadMs - b.aheadMs);
    const last = all.toSorted((a, b) => b.aheadMs - a.aheadMs)[0];
    if (first === undefined || last === undefined) return [unseen("no server told its time")];
    const apartMs = last.aheadMs - first.aheadMs;
    const seconds = Math.round(apartMs / 1000);
    if (apartMs <= FINE_MS) return [ok(`${all.length} clocks agree`)];
    const says = `The clock of ${last.host} is ${seconds} s ahead of that of ${first.host}`;
    return apartMs <= SKEW_MS ? [ok(says)] : [wrong(
      says,
      "Let both follow a time server (NTP): tokens are refused when clocks are a minute apart",
    )];
  },
};
