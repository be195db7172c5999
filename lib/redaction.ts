/** What a secret looks like in text, and the mask that goes over it. The last line of defence: nobody logs one on purpose. */

const MASK = "[redacted]";

/**
 * Each pattern keeps its first group, if it has one, and masks the rest. None of them runs over a quotation mark, so
 * that a line of JSON stays one.
 */
const PATTERNS: readonly RegExp[] = [
  // A private key in PEM, also cut off; line breaks may be escaped.
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:\\.|[^"\\])*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|(?=")|$)/gs,
  // The credential of an Authorization header.
  /\b((?:Bearer|RemoteAuth|Basic) +)[^\s"'\\,;\])}]+/gi,
  // GitHub's tokens, fine-grained and other.
  /\b(?:github_pat_|gh[a-z]_)[\w.-]+/g,
  // A JSON document in base64: JWTs, JIT configs.
  /\beyJ[\w+/=-]{8,}(?:\.[\w+/=-]*)*/g,
  // User and password in a URL.
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/"'\\?#]*@/gi,
  // Signed queries.
  /([?&](?:access_token|token|sig|signature)=)[^&\s"'\\#]+/gi,
];

/** The text without anything that has the looks of a secret. */
export function redacted(text: string): string {
  let result = text;
  for (const pattern of PATTERNS) {
    result = result.replace(pattern, (whole: string, kept: unknown) => {
      if (typeof kept !== "string") return MASK;
      return kept + MASK + (whole.endsWith("@") ? "@" : "");
    });
  }
  return result;
}
