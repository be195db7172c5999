/**
 * A question across the border of a sandbox: a worker may not run programs, so it asks the thread that started it for the
 * credential of its kubeconfig's plugin. It can say when, never which program.
 */
import { messageOf } from "../lib/errors.ts";
import { type AskPlugin, PluginFailed } from "../kube/credential_plugin.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

type Question = Extract<FromWorker, { type: "ask-plugin" }>;
type Answer = Extract<ToWorker, { type: "plugin-answer" }>;

/** The worker's end. */
export interface PluginRelay {
  readonly ask: AskPlugin;
  /** Takes what came back. */
  answered(answer: Answer): void;
}

/** Questions go out through `say`. */
export function createPluginRelay(say: (question: Question) => void): PluginRelay {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  return {
    async ask(how) {
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<Answer>();
      waiting.set(id, resolve);
      say({ type: "ask-plugin", id, how });
      const { outcome } = await promise;
      if ("credential" in outcome) return outcome.credential;
      throw new PluginFailed(outcome.failure);
    },
    answered(answer) {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    },
  };
}

/** The starter's end: the answer to a question. Never rejects. */
export async function answerTo(
  { id, how }: Question,
  ask: AskPlugin | undefined,
): Promise<Answer> {
  if (ask === undefined) {
    const failure = "The kubeconfig named no credential plugin when we started: start again";
    return { type: "plugin-answer", id, outcome: { failure } };
  }
  try {
    return { type: "plugin-answer", id, outcome: { credential: await ask(how) } };
  } catch (thrown) {
    return { type: "plugin-answer", id, outcome: { failure: messageOf(thrown) } };
  }
}
