/** Which word somebody meant who mistyped one. Pure. */

/** Spellings further away than this are no help. */
const MAX_DISTANCE = 2;

/** The nearest of `words`, by at most two characters put in, taken out or replaced, in any case; the first of several. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let found: string | undefined;
  let distance = MAX_DISTANCE + 1;
  for (const candidate of words) {
    const away = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (away < distance) [found, distance] = [candidate, away];
  }
  return found;
}

/** Levenshtein's distance: single characters put in, taken out or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
