/**
 * As whom, and on which way, a listener talks to GitHub, live from its document: the controller writes it again when a
 * credential is rotated. Knows what may change under a running session; everything else takes another process (B3).
 */
import { type ListenerConfigDocument, parseListenerConfig } from "../crds/listener_config.ts";
import { type CredentialSource, RotatingCredentials } from "../github/credential_source.ts";
import { type Credential, parseCredential } from "../github/credentials.ts";
import { advice } from "../github/errors.ts";
import { certificatesIn } from "../lib/certificates.ts";
import type { Clock } from "../lib/clock.ts";
import { InvalidInput, messageOf } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import { deepEqual } from "../lib/json.ts";
import type { Logger } from "../lib/log.ts";
import type { FetchFor, NetworkSettings } from "../lib/network.ts";
import { flattenedProxy, proxySettings } from "../lib/proxy.ts";
import { checkListenerConfig } from "./config.ts";

export interface AccountOptions {
  readonly document: ListenerConfigDocument;
  readonly fetchFor: FetchFor;
  readonly log: Logger;
}

/** One for the life of a listener; every session and call goes through it. */
export class Account {
  /** Of the last document that made sense; a newer one that GitHub refuses keeps the older going. */
  readonly credentials: CredentialSource;
  /** On the way that the last document names. */
  readonly fetch: Fetch;
  readonly #options: AccountOptions;
  readonly #rotating: RotatingCredentials;
  readonly #listeners = new Set<() => void>();
  #network: NetworkSettings;
  #send: Fetch;

  /** Throws `InvalidInput` for a document that makes no sense. */
  constructor(options: AccountOptions) {
    const { document, fetchFor, log } = options;
    this.#options = options;
    this.#rotating = new RotatingCredentials(
      credentialOf(document),
      (thrown) =>
        log.error("GitHub refused newer credentials: the former stay in use", {
          error: advice(thrown),
        }),
    );
    this.credentials = this.#rotating;
    this.#network = networkOf(document);
    this.#send = fetchFor(this.#network);
    this.fetch = (request) => this.#send(request);
  }

  /** Calls `notify` after each change, until the returned function is called. */
  onChange(notify: () => void): () => void {
    this.#listeners.add(notify);
    return () => this.#listeners.delete(notify);
  }

  /** Used from the next call on. Throws, and changes nothing, when the document makes no sense. */
  take(document: ListenerConfigDocument): void {
    const { fetchFor, log } = this.#options;
    const credential = credentialOf(document);
    const network = networkOf(document);
    const isOtherWay = !deepEqual(comparable(network), comparable(this.#network));
    if (isOtherWay) {
      this.#send = fetchFor(network);
      this.#network = network;
    }
    const isOtherCredential = this.#rotating.replace(credential);
    if (!isOtherWay && !isOtherCredential) return;
    log.info("The configuration changed", {
      credentials: isOtherCredential,
      network: isOtherWay,
    });
    for (const notify of [...this.#listeners]) notify();
  }
}

/** How often the document is read again, in ms: a kubelet takes a minute to bring a change. */
const LOOK_MS = 10_000;

/**
 * A task: brings every change of the document to the account until `signal` aborts. A document that cannot be read, or
 * that makes no sense, changes nothing.
 */
export async function followAccount(
  options: {
    readonly account: Pick<Account, "take">;
    readonly read: () => Promise<string>;
    readonly clock: Clock;
    readonly log: Logger;
  },
  signal: AbortSignal,
): Promise<void> {
  const { account, read, clock, log } = options;
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      const text = await read();
      if (text !== last) {
        last = text;
        const document = parseListenerConfig(text);
        checkListenerConfig(document);
        account.take(document);
      }
    } catch (thrown) {
      log.warn("The new configuration cannot be used: the former stays", {
        error: messageOf(thrown),
      });
    }
    await clock.sleep(LOOK_MS, signal).catch(() => {}); // aborted
  }
}

/** ARC's controller names a vault here where ours refuses one on the runner set. */
function credentialOf(document: ListenerConfigDocument): Credential {
  const { vault_type: vault = "" } = document;
  if (vault === "") return parseCredential(document);
  throw new InvalidInput(
    `vault_type is "${vault}", but credentials are read from this document only; put them into a ` +
      "Secret, name it in the runner set's spec.githubConfigSecret, and remove its spec.vaultConfig",
  );
}

function networkOf({ proxy, server_root_ca: pem }: ListenerConfigDocument): NetworkSettings {
  if (pem !== "") certificatesIn(pem, "failed to parse root certificate: server_root_ca");
  return {
    ...(proxy && {
      proxy: proxySettings({
        http_proxy: proxy.http_proxy ?? "",
        https_proxy: proxy.https_proxy ?? "",
        no_proxy: proxy.no_proxy ?? "",
      }),
    }),
    rootCertificates: pem === "" ? [] : [pem],
  };
}

function comparable({ proxy, rootCertificates }: NetworkSettings): unknown {
  return { proxy: proxy && flattenedProxy(proxy), rootCertificates };
}
