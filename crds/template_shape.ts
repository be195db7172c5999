/**
 * The few members of a pod template that our own code looks into, held to their types; all the rest is the API server's to
 * judge (B6). Pure and total.
 */

import { leaveOut, type Place } from "./unfit.ts";

type Members = Readonly<Record<string, unknown>>;

/** The template without members that our code would stumble over. The same one when all is well. */
export function conformingTemplate(template: Members, place: Place): Members {
  return withMembers(template, place, {
    metadata: (value, at) => {
      if (!isObject(value)) return leaveOut(value, "an object", at);
      return withMembers(value, at, { labels: texts, annotations: texts });
    },
    spec: (value, at) => {
      if (!isObject(value)) return leaveOut(value, "an object", at);
      return withMembers(value, at, {
        containers,
        initContainers: containers,
        volumes: objects,
        imagePullSecrets: objects,
        restartPolicy: text,
      });
    },
  });
}

type Check = (value: unknown, place: Place) => unknown;

function withMembers(
  object: Members,
  { path, problems }: Place,
  checks: Readonly<Record<string, Check>>,
): Members {
  const entries = Object.entries(object).map(([name, value]) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined || value === undefined || value === null) return [name, value] as const;
    return [name, check(value, { path: `${path}.${name}`, problems })] as const;
  });
  if (entries.every(([name, value]) => value === object[name])) return object;
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function containers(value: unknown, place: Place): unknown {
  return list(value, place, (item, at) => {
    if (!isObject(item) || typeof item["name"] !== "string") {
      return leaveOut(item, "a container with a name", at);
    }
    return withMembers(item, at, {
      env: objects,
      envFrom: objects,
      args: anyList,
      command: anyList,
      ports: objects,
      volumeMounts: objects,
      volumeDevices: objects,
      image: text,
      workingDir: text,
    });
  });
}

function objects(value: unknown, place: Place): unknown {
  return list(value, place, (item, at) => isObject(item) ? item : leaveOut(item, "an object", at));
}

function anyList(value: unknown, place: Place): unknown {
  return Array.isArray(value) ? value : leaveOut(value, "a list", place);
}

function text(value: unknown, place: Place): unknown {
  return typeof value === "string" ? value : leaveOut(value, "a text", place);
}

function texts(value: unknown, place: Place): unknown {
  if (!isObject(value)) return leaveOut(value, "an object of texts", place);
  return withMembers(
    value,
    place,
    Object.fromEntries(Object.keys(value).map((name) => [name, text])),
  );
}

function list(value: unknown, { path, problems }: Place, check: Check): unknown {
  if (!Array.isArray(value)) return leaveOut(value, "a list", { path, problems });
  const items = value.map((item, at) => check(item, { path: `${path}[${at}]`, problems }));
  return items.every((item, at) => item === value[at])
    ? value
    : items.filter((item) => item !== undefined);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
