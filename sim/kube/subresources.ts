/** Subresources other than status: binding and eviction of pods, tokens of accounts, the end of namespaces. */
import { jsonAnswer, objectAnswer, statusAnswer } from "./answers.ts";
import { documentIn } from "./bodies.ts";
import { deleteObject, deleteOptions, isReleased } from "./deletion.ts";
import { type Document, fields, items, text, timeText, valueAt } from "./document.ts";
import { type Call, commit, type Engine, expunge, nowText, subjectOf } from "./engine.ts";
import type { Sent } from "./mutations.ts";
import { conflict, invalid, methodNotAllowed, notFound, type StatusBody } from "./status.ts";
import type { Tokens } from "./tokens.ts";

/** How long a requested token lives by default, in seconds. */
const DEFAULT_TOKEN_SECONDS = 3600;
const LEAST_TOKEN_SECONDS = 600;

const CREATED: StatusBody = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  code: 201,
};

function target(engine: Engine, call: Call): Document {
  const object = engine.store.shelf(call.resource).get(call);
  if (!object) throw notFound(subjectOf(call));
  return object;
}

/** Puts a pod on a node; a pod has one node for life. */
function bind(engine: Engine, call: Call, body: Document): Response {
  const pod = target(engine, call);
  const node = valueAt(pod, ["spec", "nodeName"]);
  if (pod.metadata.deletionTimestamp) {
    throw conflict(
      subjectOf(call),
      `pod ${call.name} is being deleted, cannot be assigned to a host`,
    );
  }
  if (node) {
    const subject = { ...subjectOf(call), plural: "pods/binding" };
    throw conflict(subject, `pod ${call.name} is already assigned to node "${node}"`);
  }
  const condition = {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: nowText(engine),
  };
  const others = items(valueAt(pod, ["status", "conditions"]))
    .filter((one) => fields(one).type !== "PodScheduled");
  commit(engine, call, {
    ...pod,
    spec: { ...fields(pod.spec), nodeName: text(fields(body.target).name) },
    status: { ...fields(pod.status), conditions: [...others, condition] },
  });
  return statusAnswer(CREATED);
}

/** Deletes a pod as a drain does. */
function evict(engine: Engine, call: Call, body: Document): Response {
  const object = target(engine, call);
  const options = deleteOptions(fields(body.deleteOptions), new URLSearchParams());
  deleteObject(engine, call, { object, options });
  return statusAnswer(CREATED);
}

function issueToken(engine: Engine, call: Call, known: { body: Document; tokens: Tokens }) {
  const account = target(engine, call);
  const spec = fields(known.body.spec);
  const seconds = Number(spec.expirationSeconds ?? DEFAULT_TOKEN_SECONDS);
  if (seconds < LEAST_TOKEN_SECONDS) {
    throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest" }, "", [{
      field: "spec.expirationSeconds",
      reason: "FieldValueInvalid",
      message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`,
    }]);
  }
  const { name = "", namespace = "" } = account.metadata;
  const token = known.tokens.mint({ serviceAccount: { name, namespace } }, seconds * 1000);
  const expiresMs = engine.clock.now().getTime() + seconds * 1000;
  return objectAnswer({
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: { name, namespace, creationTimestamp: nowText(engine) },
    spec: { audiences: ["https://kubernetes.default.svc"], ...spec, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timeText(new Date(expiresMs)) },
  }, 201);
}

function finalize(engine: Engine, call: Call, body: Document): Response {
  const namespace = target(engine, call);
  const finalizers = items(fields(body.spec).finalizers);
  const next = { ...namespace, spec: { ...fields(namespace.spec), finalizers } };
  if (isReleased(call, next)) expunge(engine, call, next);
  else return objectAnswer(commit(engine, call, next));
  return jsonAnswer(JSON.stringify(next));
}

/** The answer of a subresource; throws 405 for a verb that it does not have. */
export function subresourceAnswer(
  engine: Engine,
  call: Call,
  known: { readonly sent: Sent; readonly tokens: Tokens },
): Response {
  const body = documentIn(known.sent.value ?? {});
  const way = `${call.verb} ${call.subresource}`;
  if (way === "create binding") return bind(engine, call, body);
  if (way === "create eviction") return evict(engine, call, body);
  if (way === "create token") return issueToken(engine, call, { body, tokens: known.tokens });
  if (way === "update finalize") return finalize(engine, call, body);
  throw methodNotAllowed(subjectOf(call));
}
