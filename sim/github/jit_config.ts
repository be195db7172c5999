/**
 * The JIT configuration of a runner: base64 of a JSON object of file names and base64 of their contents, in the shape
 * that the genuine runner takes apart. Pure.
 */

export interface JitConfigContent {
  readonly agentId: number;
  readonly agentName: string;
  /** What the runner authenticates with. */
  readonly credential: string;
  /** Base of the Actions service. */
  readonly serviceUrl: string;
  /** Base of what the runner talks to; ends in a slash. */
  readonly runnerUrl: string;
  readonly workFolder: string;
  readonly disableUpdate: boolean;
}

/**
 * Stands in for the runner's RSA key: of the right form and length, the same everywhere. A genuine key per runner would
 * cost more than all the rest of a run.
 */
const RSA_PARAMETERS = Object.fromEntries(
  Object.entries({
    modulus: 256,
    exponent: 3,
    d: 256,
    p: 128,
    q: 128,
    dp: 128,
    dq: 128,
    inverseQ: 128,
  })
    .map(([name, bytes]) => [name, btoa(name[0]?.repeat(bytes) ?? "")]),
);

/** The text that a controller hands to a runner. */
export function encodeJitConfig(content: JitConfigContent): string {
  const files = {
    ".runner": {
      AgentId: content.agentId,
      AgentName: content.agentName,
      PoolId: 1,
      PoolName: "Default",
      ServerUrl: content.serviceUrl,
      ServerUrlV2: content.runnerUrl,
      UseV2Flow: true,
      Ephemeral: true,
      DisableUpdate: content.disableUpdate,
      IsHostedServer: false,
      WorkFolder: content.workFolder || "_work",
    },
    ".credentials": {
      Scheme: "OAuth",
      Data: {
        clientId: content.credential,
        authorizationUrl: `${content.runnerUrl}oauth2/token`,
        requireFipsCryptography: "True",
      },
    },
    ".credentials_rsaparams": RSA_PARAMETERS,
  };
  const encoded = Object.entries(files).map(([name, file]) => [name, base64(JSON.stringify(file))]);
  return base64(JSON.stringify(Object.fromEntries(encoded)));
}

/** Base64 of UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
