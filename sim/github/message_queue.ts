/**
 * The message queue of one scale set: inner messages that wait, envelopes that were delivered and not deleted. It
 * belongs to the set, so it outlives sessions; it knows neither tokens nor polls.
 */

/** Most inner messages in one envelope. */
export const MAX_PER_ENVELOPE = 50;

export interface Envelope {
  readonly messageId: number;
  /** JSON text of an array of inner messages, or "". */
  readonly body: string;
}

/** One for a scale set; it outlives sessions. */
export class MessageQueue {
  #nextId: number;
  #pending: unknown[] = [];
  #isStatisticsDue = false;
  /** Undeleted, ascending. */
  readonly #delivered: Envelope[] = [];

  constructor(firstId: number) {
    this.#nextId = firstId;
  }

  emit(message: unknown): void {
    this.#pending.push(message);
  }

  /** The next poll gets an envelope even if nothing else is to be said. */
  emitStatistics(): void {
    this.#isStatisticsDue = true;
  }

  /**
   * The first undeleted envelope with an id above `cursor`; a new one is made when something waits. Asking again
   * without deleting gives the same. An id never moves past a cursor from another queue: such a poll stays empty.
   */
  next(cursor: number): Envelope | undefined {
    const old = this.#delivered[this.#firstAbove(cursor)];
    if (old) return old;
    if (this.#pending.length === 0 && !this.#isStatisticsDue) return undefined;
    this.#isStatisticsDue = false;
    const messages = this.#pending.splice(0, MAX_PER_ENVELOPE);
    const made = this.#add(messages.length === 0 ? "" : JSON.stringify(messages));
    return made.messageId > cursor ? made : undefined;
  }

  /** Puts the content of `envelope` into the queue once more, under a new id. */
  repeat(envelope: Envelope): void {
    this.#add(envelope.body);
  }

  /** Whether there was such an envelope. */
  delete(messageId: number): boolean {
    const at = this.#firstAbove(messageId - 1);
    if (this.#delivered[at]?.messageId !== messageId) return false;
    this.#delivered.splice(at, 1);
    return true;
  }

  /** Every inner message that is still to be delivered or deleted. */
  messages(): readonly unknown[] {
    const delivered = this.#delivered.flatMap(({ body }) => body === "" ? [] : JSON.parse(body));
    return [...delivered, ...this.#pending];
  }

  /** How many delivered envelopes nobody has deleted. */
  get undeleted(): number {
    return this.#delivered.length;
  }

  #add(body: string): Envelope {
    const envelope = { messageId: this.#nextId++, body };
    this.#delivered.push(envelope);
    return envelope;
  }

  #firstAbove(cursor: number): number {
    let low = 0;
    let high = this.#delivered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#delivered[middle] as Envelope).messageId > cursor) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
