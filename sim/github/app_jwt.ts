/** Whether a GitHub App's JWT is one that GitHub takes. It knows the rules on shape and time, not which Apps exist. */
import { Buffer } from "node:buffer";
import { verify } from "node:crypto";

/** Longest validity of an App JWT, in seconds. */
const MAX_VALIDITY_SECONDS = 600;

/**
 * What is wrong with `jwt`; `undefined`: nothing. The signature is verified only if `publicKey` (PEM) is not "". The
 * text never quotes the token.
 */
export function appJwtProblem(
  jwt: string,
  options: { readonly now: Date; readonly publicKey: string },
): string | undefined {
  const [header, claims, signature, ...rest] = jwt.split(".");
  if (!header || !claims || !signature || rest.length > 0) {
    return "A JSON web token could not be decoded";
  }
  if (decoded(header)?.alg !== "RS256") return "A JSON web token must be signed with RS256";
  const { iss, iat, exp } = decoded(claims) ?? {};
  if ((typeof iss !== "string" || iss === "") && typeof iss !== "number") {
    return "Missing 'issuer' claim ('iss') in assertion";
  }
  const nowSeconds = options.now.getTime() / 1000;
  if (typeof iat !== "number" || iat > nowSeconds) {
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  }
  if (typeof exp !== "number" || exp <= nowSeconds) {
    return "'Expiration time' claim ('exp') is in the past";
  }
  if (exp - iat > MAX_VALIDITY_SECONDS) {
    return "'Expiration time' claim ('exp') is too far in the future";
  }
  if (options.publicKey === "") return undefined;
  const data = Buffer.from(`${header}.${claims}`);
  const isGenuine = verify(
    "RSA-SHA256",
    data,
    options.publicKey,
    Buffer.from(signature, "base64url"),
  );
  return isGenuine ? undefined : "A JSON web token could not be verified";
}

function decoded(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
