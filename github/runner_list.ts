/**
 * All runners of an organization, repository or enterprise as GitHub lists them: pages put together into who is online and
 * who is not. Knows the members of a listed runner; makes no call of its own.
 */
import { integerOf, listOf, member, membersOf, requiredText, textOf } from "./decode.ts";
import { RUNNERS_A_PAGE, type RunnersPage } from "./registration.ts";

/** A runner in GitHub's list. */
export interface ListedRunner {
  readonly name: string;
  readonly isOnline: boolean;
  readonly isBusy: boolean;
}

/** More pages than these are not read, and nothing is concluded. */
const MAX_PAGES = 100;

/**
 * Reads page after page. Runners that come or go meanwhile may be missing: absence alone proves nothing. `undefined`: there
 * are too many to list.
 */
export async function listedRunners(
  page: RunnersPage,
): Promise<readonly ListedRunner[] | undefined> {
  const runners: ListedRunner[] = [];
  for (let number = 1; number <= MAX_PAGES; number++) {
    const answer = await page(number);
    const listed = listOf(answer, "runners");
    runners.push(...listed.map(listedRunner));
    if (listed.length === 0 || number * RUNNERS_A_PAGE >= integerOf(answer, "total_count")) {
      return runners;
    }
  }
  return undefined;
}

function listedRunner(value: unknown): ListedRunner {
  const runner = membersOf(value, "a runner");
  return {
    name: requiredText(runner, "name"),
    isOnline: textOf(runner, "status") === "online",
    isBusy: member(runner, "busy") === true,
  };
}
