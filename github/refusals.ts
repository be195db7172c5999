/**
 * What a person can do about GitHub's refusal of a credential: which field to look at and what it lacks. Pure. Source:
 * spec github-protocol.md §2.5 and docs.github.com, "REST API endpoints for self-hosted runners".
 */
import type { ConfigUrl } from "./config_url.ts";
import type { Credential } from "./credentials.ts";
import { isGitHubError } from "./errors.ts";

/** The calls of a registration. */
export type RegistrationCall =
  | "get installation token"
  | "get registration token"
  | "register"
  | "list runners";

/** Who asked for what. */
export interface Asker {
  readonly credential: Credential;
  readonly config: ConfigUrl;
}

/** Whether `thrown` says that this credential is not taken here, and trying again alone will not help. */
export function isRefusal(thrown: unknown): boolean {
  return isGitHubError(
    thrown,
    "github_unauthorized",
    "github_forbidden",
    "github_not_found",
    "github_refused",
  ) && thrown.disposition.kind === "stop";
}

/** A sentence that names fields of the spec and keys of the Secret; `undefined`: nothing that a person could change. */
export function refusalHint(
  call: RegistrationCall,
  thrown: unknown,
  asker: Asker,
): string | undefined {
  const { config } = asker;
  if (isGitHubError(thrown, "github_bad_answer")) {
    return `What answers for githubConfigUrl ${config.text} may be no GitHub`;
  }
  if (isGitHubError(thrown, "github_unreachable")) {
    return thrown.disposition.kind === "stop"
      ? `The server of githubConfigUrl ${config.text} is not trusted: githubServerTLS has to name ` +
        "the authority of its certificate"
      : `The host of githubConfigUrl ${config.text} cannot be reached`;
  }
  if (!isRefusal(thrown) || !isGitHubError(thrown, ...REFUSALS)) return undefined;
  const isUnauthorized = thrown.code === "github_unauthorized";
  switch (call) {
    case "get installation token":
      return appHint(asker, thrown.code);
    case "list runners":
    case "get registration token":
      return isUnauthorized && asker.credential.kind === "pat"
        ? "github_token is not valid, or not any more"
        : `${missingRight(asker)}, or githubConfigUrl ${config.text} names nothing that it may see`;
    case "register":
      return `GitHub takes no registration for githubConfigUrl ${config.text}`;
    default:
      return call satisfies never;
  }
}

const REFUSALS = [
  "github_unauthorized",
  "github_forbidden",
  "github_not_found",
  "github_refused",
] as const;

function appHint({ credential }: Asker, code: string): string | undefined {
  if (credential.kind !== "app") return undefined;
  const { appId, installationId } = credential;
  if (code === "github_not_found") {
    return `github_app_installation_id ${installationId} is no installation of App ${appId}`;
  }
  if (code === "github_forbidden") {
    return `Installation ${installationId} of App ${appId} is suspended or lacks permissions`;
  }
  return `github_app_private_key is no key of the App that github_app_id ${appId} names`;
}

const SCOPES = {
  repository: "repo",
  organization: "admin:org",
  enterprise: "manage_runners:enterprise",
} as const;

const PERMISSIONS = {
  repository: "Administration (read and write) on the repository",
  organization: "Self-hosted runners (read and write) on the organization",
  enterprise: "Self-hosted runners (read and write) on the enterprise",
} as const;

function missingRight({ credential, config }: Asker): string {
  return credential.kind === "pat"
    ? `github_token may lack the scope ${SCOPES[config.scope]}`
    : `The App may lack the permission ${PERMISSIONS[config.scope]}`;
}
