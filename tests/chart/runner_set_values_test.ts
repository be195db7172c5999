/** The runner set chart's values, key by key. */
import { RUNNER_SET_CASES, RUNNER_SET_RELEASE } from "./runner_set_cases.ts";
import { valuesTests } from "./values_case.ts";

valuesTests(RUNNER_SET_CASES, RUNNER_SET_RELEASE);
