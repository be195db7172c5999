/** Many small questions, some at a time. Knows nothing of what is asked. */

/** The answers in the order of the items. Rejects with the first failure; the others under way end by themselves. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  atOnce: number,
  ask: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const queue = items.entries(); // shared: each takes the next
  const worker = async () => {
    for (const [at, item] of queue) answers[at] = await ask(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return answers;
}
