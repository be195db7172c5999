/**
 * Which credentials a service tries, and in which order: a newer one first, the last that worked while the newer one is
 * refused. Knows no request and no Secret.
 */
import { type Credential, credentialFingerprint } from "./credentials.ts";

/** Asked at each registration. */
export interface CredentialSource {
  /** Newest first, at least one. */
  candidates(): readonly Credential[];
  /** GitHub took this one. */
  accepted(credential: Credential): void;
  /** GitHub refused this one; there is another one to try. */
  refused(credential: Credential, thrown: unknown): void;
}

/** Always the same one. */
export function onlyCredential(credential: Credential): CredentialSource {
  return { candidates: () => [credential], accepted() {}, refused() {} };
}

/** Follows a credential that is replaced from time to time. A newer one that is refused keeps the older going. */
export class RotatingCredentials implements CredentialSource {
  #newest: Credential;
  #proven: Credential | undefined;
  readonly #onRefused: (thrown: unknown) => void;

  constructor(first: Credential, onRefused: (thrown: unknown) => void = () => {}) {
    this.#newest = first;
    this.#onRefused = onRefused;
  }

  candidates(): readonly Credential[] {
    const proven = this.#proven;
    return proven === undefined || proven === this.#newest
      ? [this.#newest]
      : [this.#newest, proven];
  }

  accepted(credential: Credential): void {
    this.#proven = credential;
  }

  refused(_credential: Credential, thrown: unknown): void {
    this.#onRefused(thrown);
  }

  /** Tried from the next registration on. Whether it is another one than before. */
  replace(credential: Credential): boolean {
    if (credentialFingerprint(credential) === credentialFingerprint(this.#newest)) return false;
    this.#newest = credential;
    return true;
  }
}
