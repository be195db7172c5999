/**
 * Rules about jobs and messages, watched while a run goes on: a job ends well unless somebody else brought its runner
 * down or its users canceled it; a message is acknowledged only when what it says is stored (B2).
 */
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { HOME, type Scene } from "./scene.ts";

/** A rule that did not hold. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

export class JobRules {
  readonly #scene: Scene;
  readonly #violated: (violation: Violation) => void;
  /** Runner names by the message that says that they have a job, as it was delivered. */
  readonly #started = new Map<string, readonly string[]>();

  constructor(scene: Scene, violated: (violation: Violation) => void) {
    this.#scene = scene;
    this.#violated = violated;
    const { github } = scene.stage.world;
    github.onJobChange(({ jobId, state, result, runnerName = "" }) => {
      scene.trace.note("github", `job ${jobId} ${state} ${result ?? ""} ${runnerName}`.trimEnd());
      if (state !== "completed" || result === "succeeded") return;
      if (scene.canceled.has(jobId) || scene.lost.has(runnerName)) return;
      this.#tell("lost", `job ${jobId} ${result} on runner ${runnerName || "none"}`);
    });
  }

  /** The queue's answer to a poll. */
  delivered(queue: string, message: unknown): void {
    const { messageId, body } = message as { messageId?: number; body?: string };
    if (messageId === undefined) return;
    const parts = JSON.parse(body || "[]") as readonly {
      readonly messageType?: string;
      readonly runnerName?: string;
    }[];
    const started = parts.filter(({ messageType }) => messageType === "JobStarted");
    this.#started.set(
      `${queue} ${messageId}`,
      started.map(({ runnerName = "" }) => runnerName),
    );
  }

  /** A message is about to be acknowledged. */
  acknowledged(queue: string, messageId: number): void {
    const id = `${queue} ${messageId}`;
    for (const name of this.#started.get(id) ?? []) {
      const runner = this.#scene.stage.world.api.store
        .get(EPHEMERAL_RUNNERS, { namespace: HOME, name }) as EphemeralRunner | undefined;
      if (runner === undefined || runner.status?.jobId) continue;
      this.#tell("acknowledged", `message ${messageId}, and runner ${name} is not marked`);
    }
    this.#started.delete(id);
  }

  #tell(rule: string, what: string): void {
    this.#scene.trace.note("VIOLATION", `${rule}: ${what}`);
    this.#violated({ rule, what });
  }
}
