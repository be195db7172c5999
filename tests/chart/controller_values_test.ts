/** The controller chart's values, key by key. */
import { CONTROLLER_CASES, CONTROLLER_RELEASE } from "./controller_cases.ts";
import { valuesTests } from "./values_case.ts";

valuesTests(CONTROLLER_CASES, CONTROLLER_RELEASE);
