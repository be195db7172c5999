/** What the service says about a session and its queue. Pure. Source: spec github-protocol.md §8.1, §10. */
import { Secret } from "../lib/secret.ts";
import { givenAddress } from "./address.ts";
import type { ConfigUrl } from "./config_url.ts";
import { BadShape, listOf, type Members, requiredText, textOf } from "./decode.ts";

/** Where the queue is and what opens it: replaced as a whole by a refresh. */
export interface Lease {
  readonly queueUrl: URL;
  readonly token: Secret<string>;
}

const NO_SESSION = "00000000-0000-0000-0000-000000000000";
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** The id of a session; throws {@link BadShape} unless it is a UUID other than zero. */
export function sessionIdOf(session: Members): string {
  const id = requiredText(session, "sessionId");
  if (!new RegExp(`^${UUID}$`, "i").test(id) || id === NO_SESSION) {
    throw new BadShape('"sessionId" is no UUID');
  }
  return id;
}

/** The id in an answer that may be cut off: the session exists all the same. `undefined`: there is none to be seen. */
export function sessionIdIn(text: string): string | undefined {
  const id = new RegExp(`"sessionId"\\s*:\\s*"(${UUID})"`, "i").exec(text)?.[1];
  return id === NO_SESSION ? undefined : id;
}

/** The lease in a session's JSON; throws {@link BadShape} when there is nothing to poll with (F05). */
export function leaseOf(session: Members, config: ConfigUrl): Lease {
  const queueUrl = textOf(session, "messageQueueUrl");
  if (queueUrl === "") throw new BadShape('"messageQueueUrl" is empty');
  return {
    queueUrl: givenAddress(queueUrl, { what: '"messageQueueUrl"', config }),
    token: new Secret(requiredText(session, "messageQueueAccessToken")),
  };
}

/** The request ids in the answer to an acquisition. */
export function idsOf(answer: Members): readonly number[] {
  const ids = listOf(answer, "value");
  if (!ids.every((id) => Number.isSafeInteger(id))) throw new BadShape('"value" holds no ids');
  return ids as readonly number[];
}
