/** Questions to the API about users and permissions: they are answered, and nothing is stored. */
import { type Document, type Fields, fields, items, text } from "./document.ts";
import type { Call } from "./engine.ts";
import type { Attributes, Authorizer } from "./rbac.ts";
import type { Identity, Tokens } from "./tokens.ts";

function attributesIn(spec: Fields): Attributes {
  const path = fields(spec.nonResourceAttributes);
  if (spec.nonResourceAttributes !== undefined) {
    return { verb: text(path.verb), path: text(path.path) };
  }
  const asked = fields(spec.resourceAttributes);
  return {
    verb: text(asked.verb),
    group: text(asked.group),
    resource: text(asked.resource),
    subresource: text(asked.subresource),
    namespace: text(asked.namespace),
    name: text(asked.name),
  };
}

function accessReview(authorizer: Authorizer, identity: Identity, spec: Fields): Fields {
  const wanted = attributesIn(spec);
  const grant = authorizer.grant(identity, wanted);
  return {
    allowed: authorizer.may(identity, wanted),
    ...(grant === undefined ? {} : { reason: `RBAC: allowed by ${grant}` }),
  };
}

function rulesReview(authorizer: Authorizer, identity: Identity, spec: Fields): Fields {
  const everything = {
    verbs: ["*"],
    apiGroups: ["*"],
    resources: ["*"],
    resourceNames: [],
    nonResourceURLs: [],
  };
  const rules = authorizer.isMaster(identity)
    ? [everything, { ...everything, apiGroups: [], resources: [], nonResourceURLs: ["*"] }]
    : authorizer.rules(identity, text(spec.namespace));
  return {
    resourceRules: rules.filter((rule) => rule.resources.length > 0).map((rule) => ({
      verbs: rule.verbs,
      apiGroups: rule.apiGroups,
      resources: rule.resources,
      ...(rule.resourceNames.length > 0 ? { resourceNames: rule.resourceNames } : {}),
    })),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs.length > 0).map((rule) => ({
      verbs: rule.verbs,
      nonResourceURLs: rule.nonResourceURLs,
    })),
    incomplete: false,
  };
}

function userInfo(identity: Identity): Fields {
  return {
    username: identity.user,
    ...(identity.uid ? { uid: identity.uid } : {}),
    groups: identity.groups,
  };
}

function tokenReview(tokens: Tokens, spec: Fields): Fields {
  const identity = tokens.identify(text(spec.token));
  if (!identity) return { user: {}, error: "invalid bearer token" };
  return { authenticated: true, user: userInfo(identity) };
}

/** The review with its answer in `status`. */
export function reviewed(
  call: Call,
  review: Document,
  known: { readonly authorizer: Authorizer; readonly tokens: Tokens },
): Document {
  const spec = fields(review.spec);
  const { authorizer, tokens } = known;
  const { identity, resource } = call;
  const answers: Readonly<Record<string, () => Fields>> = {
    SelfSubjectAccessReview: () => accessReview(authorizer, identity, spec),
    SelfSubjectRulesReview: () => rulesReview(authorizer, identity, spec),
    SubjectAccessReview: () =>
      accessReview(authorizer, {
        user: text(spec.user),
        groups: items(spec.groups).map(String),
      }, spec),
    TokenReview: () => tokenReview(tokens, spec),
    SelfSubjectReview: () => ({ userInfo: userInfo(identity) }),
  };
  return {
    ...review,
    status: answers[resource.kind]?.() ?? {},
  };
}
