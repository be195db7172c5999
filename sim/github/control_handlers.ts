/**
 * The control API under `/_sim/`: what tools outside the process may do to the simulated GitHub. Not counted, not
 * delayed, not hit by faults, and without credentials: the simulation belongs on loopback.
 *
 * | call | body | answer |
 * | --- | --- | --- |
 * | `GET /_sim/state` | | 200, `GitHubSimState` |
 * | `POST /_sim/jobs` | `JobRequest` | 201 `{jobIds}` |
 * | `GET /_sim/jobs/{id}`, `DELETE /_sim/jobs/{id}` | | 200 `JobView`; 204 canceled, 404 |
 * | `POST /_sim/runners` | `{jitConfig, script?}` | 202, a simulated runner has started |
 * | `PUT /_sim/faults` | array of `Fault` | 204 |
 * | `PUT /_sim/settings` | some members of `GitHubSimSettings` | 204 |
 * | `POST /_sim/groups` | `{scope, name}` | 201 `{id}` |
 * | `POST /_sim/scalesets/{id}/forget`, `…/lose-session`, `POST /_sim/runners/{id}/forget` | | 204, 404 |
 */
import { InvalidInput } from "../../lib/errors.ts";
import type { Fault } from "../faults.ts";
import { json, noContent, restRefusal } from "./answers.ts";
import type { GitHubControl, JobRequest } from "./control.ts";
import { isSpan } from "./settings.ts";

const PREFIX = "/_sim/";
/** Jobs that one call may queue. */
const MAX_JOBS = 100_000;

export interface ControlApi {
  readonly control: GitHubControl;
  /** Starts a simulated runner that runs until it ends by itself or the simulation stops. */
  startRunner(request: { readonly jitConfig: string; readonly script: unknown }): void;
}

/** Whether `path` (without the base path) is one of these calls. */
export function isControlPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Answers a call of the control API; wrong input is a 400 that says what is wrong. */
export async function controlled(
  api: ControlApi,
  call: { readonly request: Request; readonly path: string },
): Promise<Response> {
  const { request, path } = call;
  const [what = "", id = "", act = ""] = path.slice(PREFIX.length).split("/");
  const key = [request.method, what, id === "" ? "" : "{id}", act].filter((x) => x !== "").join(
    " ",
  );
  try {
    const text = await request.text();
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return answer(api, { key, id, body: (body ?? {}) as Readonly<Record<string, unknown>> });
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return restRefusal(400, thrown.message);
    if (thrown instanceof SyntaxError) return restRefusal(400, "The body must be JSON");
    throw thrown;
  }
}

function answer(
  { control, startRunner }: ControlApi,
  call: {
    readonly key: string;
    readonly id: string;
    readonly body: Readonly<Record<string, unknown>>;
  },
): Response {
  const { key, id, body } = call;
  switch (key) {
    case "GET state":
      return json(control.state());
    case "POST jobs":
      return json({ jobIds: control.queueJobs(jobRequest(body)) }, 201);
    case "GET jobs {id}":
      return json(control.job(id) ?? null, control.job(id) ? 200 : 404);
    case "DELETE jobs {id}":
      return done(control.cancelJob(id));
    case "POST runners":
      startRunner({ jitConfig: text(body, "jitConfig"), script: body["script"] });
      return json({}, 202);
    case "POST runners {id} forget":
      return done(control.forgetRunner(Number(id)));
    case "PUT faults":
      control.setFaults(body as unknown as readonly Fault[]);
      return noContent();
    case "PUT settings":
      control.change(body);
      return noContent();
    case "POST groups":
      return json(control.addRunnerGroup(text(body, "scope"), text(body, "name")), 201);
    case "POST scalesets {id} forget":
      return done(control.forgetScaleSet(Number(id)));
    case "POST scalesets {id} lose-session":
      return done(control.loseSession(Number(id)));
    default:
      return restRefusal(404, "Not Found");
  }
}

function done(didHappen: boolean): Response {
  return didHappen ? noContent() : restRefusal(404, "Not Found");
}

function text(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidInput(`${name} is required`);
}

function jobRequest(body: Readonly<Record<string, unknown>>): JobRequest {
  const { scaleSet = "", labels = [], count = 1, durationMs, result = "succeeded" } = body;
  if (typeof scaleSet !== "string" && typeof scaleSet !== "number") {
    throw new InvalidInput("scaleSet must be the name or the id of a scale set");
  }
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) {
    throw new InvalidInput("labels must be an array of texts");
  }
  for (const name of ["scope", "displayName"] as const) {
    const value = body[name];
    if (value !== undefined && typeof value !== "string") {
      throw new InvalidInput(`${name} must be a text`);
    }
  }
  if (!Number.isSafeInteger(count) || (count as number) < 1 || (count as number) > MAX_JOBS) {
    throw new InvalidInput(`count must be a whole number from 1 to ${MAX_JOBS}`);
  }
  if (durationMs !== undefined && !isSpan(durationMs)) {
    throw new InvalidInput("durationMs must be ms or {fromMs, toMs}");
  }
  if (!["succeeded", "failed", "canceled"].includes(result as string)) {
    throw new InvalidInput("result must be succeeded, failed or canceled");
  }
  return { ...body, count } as JobRequest;
}
