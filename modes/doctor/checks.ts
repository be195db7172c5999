/** The table of checks, in the order in which causes come before what they cause. Pure. */
import { imageRecent, nothingStuck, roomForRunners } from "./capacity_checks.ts";
import type { Check } from "./check.ts";
import { clusterAnswers, kindsServed, rightsGranted } from "./cluster_checks.ts";
import {
  clocksAgree,
  credentialsTaken,
  githubReachable,
  registeredAtGitHub,
  secretsWellFormed,
} from "./github_checks.ts";
import { controllerAlive, listenersAlive, versionsMatch } from "./product_checks.ts";

export const CHECKS: readonly Check[] = [
  clusterAnswers,
  kindsServed,
  rightsGranted,
  controllerAlive,
  clocksAgree,
  secretsWellFormed,
  githubReachable,
  credentialsTaken,
  registeredAtGitHub,
  imageRecent,
  roomForRunners,
  listenersAlive,
  versionsMatch,
  nothingStuck,
];
