/**
 * Names and label values that are computed. A controller that took over must find what the former one made, so these
 * are exact; the vectors are in the test. Source: `hash/fnv.go` and `resourcebuilder.go` of ARC.
 */

/** Digits as Kubernetes maps them in safe names. */
const SAFE_DIGITS = "456789bcdf";

/** FNV-1a, 32 bits, over the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** The 32-bit hash of `text` as up to 10 characters that fit into a name. */
export function safeHash(text: string): string {
  return String(fnv1a32(text)).replaceAll(/\d/g, (digit) => SAFE_DIGITS[Number(digit)] as string);
}

/** At most 8 characters of {@link safeHash}: "H8" of the specification. */
export function nameHash(text: string): string {
  return safeHash(text).slice(0, 8);
}

/** What a listener's name is made of: the raw spec strings, not normalised. */
export interface ListenerNameParts {
  readonly runnerSetName: string;
  readonly runnerSetNamespace: string;
  readonly runnerGroup: string;
  readonly configUrl: string;
}

/** Longest name that may also serve as a label value. */
const MAX_NAME = 63;

/** `<ars>-<hash>-listener`. A name that would not fit into a label is shortened, with a hash of the whole. */
export function listenerName(parts: ListenerNameParts): string {
  const hash = nameHash(`${parts.runnerSetNamespace}@${parts.runnerGroup}@${parts.configUrl}`);
  return fitName(parts.runnerSetName, `-${hash}-listener`);
}

/** The Secret with a runner set's proxy variables. */
export function runnerProxySecretName(ephemeralRunnerSetName: string, namespace: string): string {
  return `${ephemeralRunnerSetName}-${nameHash(namespace)}-runner-proxy`;
}

/** The Secret with the listener's document. */
export function listenerConfigSecretName(listener: string): string {
  return `${listener}-config`;
}

/** The Secret with the proxy variables of the listener's pod. */
export function listenerProxySecretName(listener: string): string {
  return `${listener}-proxy`;
}

/** `base + suffix` within 63 characters: a longer base is cut and told apart by its hash. */
export function fitName(base: string, suffix: string): string {
  if (base.length + suffix.length <= MAX_NAME) return `${base}${suffix}`;
  const hash = nameHash(base);
  const cut = base.slice(0, MAX_NAME - suffix.length - hash.length - 1);
  // A dot may not be followed by a dash.
  return `${cut.replace(/[-.]+$/, "")}-${hash}${suffix}`;
}

const MAX_LABEL = 63;
const TRIMMED = "-trim";

/** A part of a config URL as a label value: cut to 58 characters and `-trim`, or stripped of `-`, `_`, `.` at its ends. */
export function urlLabelValue(part: string): string {
  if (part.length > MAX_LABEL) return `${part.slice(0, MAX_LABEL - TRIMMED.length)}${TRIMMED}`;
  return part.replaceAll(/^[-_.]+|[-_.]+$/g, "");
}
