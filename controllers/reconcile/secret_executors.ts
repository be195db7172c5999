/** Steps that write Secrets of what users entrusted to us: it goes from the services straight into them, past every plan. */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { ANNOTATIONS, LISTENER_CONFIG } from "../../crds/group.ts";
import type { Credential } from "../../github/credentials.ts";
import { isAlreadyExists } from "../../kube/errors.ts";
import { SECRETS } from "../../kube/resources.ts";
import { keyOf, keyText, type Secret } from "../../kube/types.ts";
import { flattenedProxy, NO_PROXIES } from "../../lib/proxy.ts";
import { childPatch, integrityHash } from "./children.ts";
import { absorb, type ExecutorContext } from "./executors.ts";
import type { Executors, Step } from "./step.ts";

type SecretStep = "write-listener-config" | "write-proxy-secret";

/** What they write is read from the services at that moment: no plan holds it. */
export function secretExecutors(context: ExecutorContext): Pick<Executors, SecretStep> {
  const { kube, services } = context;
  return {
    "write-listener-config": async (step, signal) => {
      const credential = await services.credential(step.target, signal);
      const network = await services.network(step.target, signal);
      const document = {
        ...step.document as object,
        server_root_ca: network.rootCertificates.join("\n"),
        ...credentialFields(credential),
        ...(network.proxy && { proxy: flattenedProxy(network.proxy) }),
      };
      const { metadata } = step.secret;
      const annotations = { ...metadata?.annotations, [ANNOTATIONS.integrityHash]: step.hash };
      const secret: Secret = {
        ...step.secret,
        metadata: { ...metadata, annotations },
        data: { [LISTENER_CONFIG.key]: base64(JSON.stringify(document)) },
      };
      await createOrPatchSecret(context, secret, signal);
      const patch = { metadata: { annotations: { [ANNOTATIONS.configHash]: step.hash } } };
      absorb(
        context,
        AUTOSCALING_LISTENERS,
        await kube.patch(AUTOSCALING_LISTENERS, step.listener, patch, { signal }),
      );
    },

    "write-proxy-secret": async (step, signal) => {
      const { proxy = NO_PROXIES } = await services.network(step.target, signal);
      await bringTo(context, proxySecret(step, flattenedProxy(proxy)), signal);
      context.proxySecrets.set(keyText(keyOf(step.secret)), step.fingerprint);
    },
  };
}

/** Its fingerprint follows from its data alone. */
function proxySecret(
  { secret }: Extract<Step, { do: "write-proxy-secret" }>,
  variables: ReturnType<typeof flattenedProxy>,
): Secret {
  const data = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, base64(value)]),
  );
  const annotations = {
    ...secret.metadata?.annotations,
    [ANNOTATIONS.integrityHash]: integrityHash(data),
  };
  return { ...secret, metadata: { ...secret.metadata, annotations }, data };
}

/** Reads first: after a restart most Secrets are as they should be. */
async function bringTo(
  context: ExecutorContext,
  secret: Secret,
  signal: AbortSignal,
): Promise<void> {
  const key = keyOf(secret);
  const present = await context.kube.get(SECRETS, key, { signal });
  if (present === undefined) return await createOrPatchSecret(context, secret, signal);
  const patch = childPatch(present, secret, { members: ["data"], keysBefore: [] });
  if (patch !== undefined) await context.kube.patch(SECRETS, key, patch, { signal });
}

/** Creates the Secret; one that is there gets labels, annotations and data. */
export async function createOrPatchSecret(
  context: ExecutorContext,
  secret: Secret,
  signal: AbortSignal,
): Promise<void> {
  try {
    await context.kube.create(SECRETS, secret, { signal });
  } catch (thrown) {
    if (!isAlreadyExists(thrown)) throw thrown;
    // One that a former owner of this name left would be collected with it.
    const { labels, annotations, ownerReferences } = secret.metadata ?? {};
    const patch = { metadata: { labels, annotations, ownerReferences }, data: secret.data };
    await context.kube.patch(SECRETS, keyOf(secret), patch, { signal });
  }
}

function credentialFields(credential: Credential): Record<string, string | number> {
  const none = {
    github_token: "",
    github_app_id: "",
    github_app_installation_id: 0,
    github_app_private_key: "",
  };
  if (credential.kind === "pat") return { ...none, github_token: credential.token.reveal() };
  return {
    ...none,
    github_app_id: credential.appId,
    github_app_installation_id: credential.installationId,
    github_app_private_key: credential.privateKey.reveal(),
  };
}

/** Of the text in UTF-8, as Secrets carry values. */
export function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
