/** Every story that both worlds tell. */
import { CRASH_STORIES } from "./crashes.ts";
import { ENDING_STORIES } from "./endings.ts";
import { FAILURE_STORIES } from "./failures.ts";
import { JOB_STORIES } from "./jobs.ts";
import { LIMIT_STORIES } from "./limits.ts";
import { SET_STORIES } from "./sets.ts";
import type { Story } from "./story.ts";

export const STORIES: readonly Story[] = [
  ...JOB_STORIES,
  ...LIMIT_STORIES,
  ...SET_STORIES,
  ...ENDING_STORIES,
  ...FAILURE_STORIES,
  ...CRASH_STORIES,
];
