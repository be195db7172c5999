/** Which of the hosts that a worker asks for it may have. Pure: the worker is not believed, its words are checked. */
import { isLocalToMachine } from "../github/config_url.ts";

/** More hosts than any installation has; whoever asks for more is up to something. */
const MAX_ADDED = 200;

/** One host and one port, no pattern. */
const WORD = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]):\d{1,5}$/i;

/** Those of `words` that may be added to what was added before, each once. */
export function addedHosts(words: readonly string[], before: readonly string[]): readonly string[] {
  const news = words.filter((word) => !before.includes(word) && mayBeAdded(word));
  return [...new Set(news)].slice(0, Math.max(0, MAX_ADDED - before.length));
}

function mayBeAdded(word: string): boolean {
  if (!WORD.test(word) || !URL.canParse(`https://${word}`)) return false;
  return !isLocalToMachine(new URL(`https://${word}`).hostname);
}
