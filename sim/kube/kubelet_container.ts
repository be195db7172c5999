/**
 * One container: prepared, run, perhaps started again. Knows its own state; whether its pod ends, and what is told about
 * it, is the pod's business.
 */
import { backoffMs } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Random } from "../../lib/random.ts";
import { timeText } from "../../kube/meta.ts";
import type { Program, ProgramRun } from "../programs.ts";
import { EXIT_SIGKILL } from "../programs.ts";
import type { ContainerRecord, ContainerState, Ended } from "./kubelet_status.ts";

/** What a container needs from its surroundings. */
export interface ContainerHost {
  readonly clock: Clock;
  readonly random: Random;
  /** Why the image cannot be pulled; `undefined` when it can. */
  imageProblem(image: string): string | undefined;
  /** Throws while something that the container refers to is missing or cannot be read. */
  prepare(): Promise<Omit<ProgramRun, "signal" | "killed">>;
  readonly program: Program;
  /** Whether a container that ended so is started again. */
  restarts(exitCode: number): boolean;
  /** The record changed: tell the API. */
  changed(): void;
  /** Called once for every program that was started, with its promise, also after it was abandoned. */
  track(program: Promise<unknown>): void;
}

/** Waits of the kubelet: image pulls and crashes double from 10 s to 5 min, references are looked up anew. */
const BACKOFF = { baseMs: 20_000, capMs: 300_000 };
const REFERENCE_RETRY_MS = 5_000;
/** A container that ran this long starts its back-off anew. */
const STABLE_MS = 600_000;

/** One for a container of a pod, init containers included. */
export class ContainerLife {
  #record: ContainerRecord;
  readonly #host: ContainerHost;
  /** Ends the run that is under way, with the reason that its record will show. */
  #strike: ((reason: string) => void) | undefined;

  constructor(record: ContainerRecord, host: ContainerHost) {
    this.#record = record;
    this.#host = host;
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  /** Kills what runs, as the kernel does when memory is exhausted. False: nothing runs. */
  killForMemory(): boolean {
    this.#strike?.("OOMKilled");
    return this.#strike !== undefined;
  }

  /**
   * Runs until the container has ended for good; returns how, or `undefined` when it was stopped before it ran. When
   * `ending` aborts, the program is asked to end and nothing is started any more; when `killed` aborts, it has ended.
   */
  async run(ending: AbortSignal, killed: AbortSignal): Promise<Ended | undefined> {
    const { clock, random } = this.#host;
    try {
      for (let crashes = 0;;) {
        await this.#pullImage(ending);
        const given = await this.#prepared(ending);
        const ended = await this.#execute(given, { ending, killed });
        if (ending.aborted || !this.#host.restarts(ended.exitCode)) return ended;
        const ranMs = Date.parse(ended.finishedAt) - Date.parse(ended.startedAt);
        crashes = ranMs >= STABLE_MS ? 0 : crashes + 1;
        const message = `back-off restarting failed container ${this.#record.name}`;
        this.#wait("CrashLoopBackOff", { message, last: ended });
        await clock.sleep(backoffMs(crashes - 1, BACKOFF, random), ending);
        this.#record = { ...this.#record, restarts: this.#record.restarts + 1 };
      }
    } catch (thrown) {
      if (ending.aborted && thrown === ending.reason) return undefined;
      throw thrown;
    }
  }

  async #pullImage(ending: AbortSignal): Promise<void> {
    const { clock, random } = this.#host;
    const { image } = this.#record;
    for (let attempt = 0;; attempt++) {
      ending.throwIfAborted();
      const problem = this.#host.imageProblem(image);
      if (problem === undefined) return;
      this.#wait("ErrImagePull", { message: `failed to pull image "${image}": ${problem}` });
      await clock.sleep(1_000, ending);
      this.#wait("ImagePullBackOff", { message: `Back-off pulling image "${image}"` });
      await clock.sleep(backoffMs(attempt, BACKOFF, random), ending);
    }
  }

  async #prepared(ending: AbortSignal) {
    for (;;) {
      ending.throwIfAborted();
      try {
        return await this.#host.prepare();
      } catch (thrown) {
        this.#wait("CreateContainerConfigError", { message: messageOf(thrown) });
      }
      await this.#host.clock.sleep(REFERENCE_RETRY_MS, ending);
    }
  }

  async #execute(
    given: Omit<ProgramRun, "signal" | "killed">,
    signals: { readonly ending: AbortSignal; readonly killed: AbortSignal },
  ): Promise<Ended> {
    signals.ending.throwIfAborted();
    const { clock, track, program } = this.#host;
    const startedAt = timeText(clock.now());
    this.#become({ is: "running", startedAt });
    const kill = new AbortController();
    const struck = Promise.withResolvers<{ exitCode: number; reason: string }>();
    this.#strike = (reason) => {
      struck.resolve({ exitCode: EXIT_SIGKILL, reason });
      kill.abort(new DOMException("killed", "AbortError"));
    };
    const onKilled = () => this.#strike?.("Error");
    if (signals.killed.aborted) onKilled();
    else signals.killed.addEventListener("abort", onKilled, { once: true });
    const signal = AbortSignal.any([signals.ending, kill.signal]);
    const running = exitOf(program, { ...given, signal, killed: kill.signal });
    track(running);
    const exit = await Promise.race([running, struck.promise]);
    signals.killed.removeEventListener("abort", onKilled);
    this.#strike = undefined;
    const ended: Ended = {
      is: "terminated",
      ...exit,
      startedAt,
      finishedAt: timeText(clock.now()),
    };
    this.#become(ended);
    return ended;
  }

  #wait(reason: string, options: { readonly message: string; readonly last?: Ended }): void {
    if (options.last !== undefined) this.#record = { ...this.#record, last: options.last };
    this.#become({ is: "waiting", reason, message: options.message });
  }

  #become(state: ContainerState): void {
    this.#record = { ...this.#record, state };
    this.#host.changed();
  }
}

async function exitOf(program: Program, run: ProgramRun) {
  try {
    const exitCode = await program(run);
    return { exitCode, reason: exitCode === 0 ? "Completed" : "Error" };
  } catch {
    return { exitCode: 1, reason: "Error" };
  }
}
