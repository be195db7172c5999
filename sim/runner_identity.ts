/**
 * Who a runner is, out of its JIT configuration: base64 of a JSON object of file names and base64 contents. Pure. It
 * shares no code with the service that writes it.
 */

export interface RunnerIdentity {
  /** Base URL of the service for runners, with a slash at the end. */
  readonly url: string;
  readonly agentId: number;
  readonly agentName: string;
  readonly credential: string;
}

const VARIABLE = "ACTIONS_RUNNER_INPUT_JITCONFIG";

/** `undefined`: the variable is missing, or what it holds is no JIT configuration. Its name is found in any case. */
export function runnerIdentity(env: Readonly<Record<string, string>>): RunnerIdentity | undefined {
  const [, text] = Object.entries(env).find(([name]) => name.toUpperCase() === VARIABLE) ?? [];
  const files = json(decoded(text?.trim()));
  const runner = json(decoded(files?.[".runner"]));
  const credentials = json(decoded(files?.[".credentials"]))?.["Data"];
  const { ServerUrlV2: url, AgentId: agentId, AgentName: agentName } = runner ?? {};
  const { clientId: credential } = (credentials ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  if (typeof agentId !== "number" || typeof agentName !== "string") return undefined;
  if (typeof credential !== "string") return undefined;
  return { url: url.endsWith("/") ? url : `${url}/`, agentId, agentName, credential };
}

/** The text of base64 of UTF-8. */
function decoded(base64: unknown): string | undefined {
  if (typeof base64 !== "string") return undefined;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function json(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
