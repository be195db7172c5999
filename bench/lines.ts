/** Two processes that talk in JSON, a line each way: calls with an id, answers with the same. Knows no call. */

/** What a call came to. */
type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** A call on the wire. */
export interface Call {
  readonly id: number;
  readonly what: string;
  readonly with?: unknown;
}

/** Documents of a stream, a line each; other lines go to `other`. */
export async function* jsonLines(
  stream: ReadableStream<Uint8Array>,
  other: (line: string) => void = () => {},
): AsyncGenerator<unknown> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("{")) yield JSON.parse(line);
      else if (line !== "") other(line);
    }
  }
}

/** Answers calls from standard input on standard output until the input ends. */
export async function answerCalls(
  calls: AsyncGenerator<unknown>,
  answer: (what: string, argument: unknown) => unknown,
): Promise<void> {
  const under = new Set<Promise<void>>();
  for await (const line of calls) {
    const call = line as Call;
    const work: Promise<void> = answered(call, answer).finally(() => under.delete(work));
    under.add(work);
  }
  await Promise.all(under);
}

async function answered(
  call: Call,
  answer: (what: string, argument: unknown) => unknown,
): Promise<void> {
  let result: Answer;
  try {
    result = { id: call.id, value: await answer(call.what, call.with) };
  } catch (thrown) {
    result = { id: call.id, error: String(thrown) };
  }
  writeLine(JSON.stringify(result));
}

/** One line on standard output, whole. */
export function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** The calling side: a child process that answers. */
export class Caller {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #count = 0;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#listen().catch((thrown) => this.#end(thrown));
  }

  get pid(): number {
    return this.#child.pid;
  }

  async call(what: string, argument?: unknown): Promise<unknown> {
    const id = ++this.#count;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const call: Call = { id, what, with: argument };
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(call)}\n`));
    return await waiting.promise;
  }

  /** Ends its input, which ends it, and waits for that. */
  async end(): Promise<void> {
    await this.#writer.close().catch(() => {}); // it has ended already
    await this.#child.status;
  }

  async #listen(): Promise<void> {
    for await (const line of jsonLines(this.#child.stdout)) {
      const { id, value, error } = line as Answer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    }
    this.#end(new Error("A process of the bench has ended"));
  }

  #end(reason: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
