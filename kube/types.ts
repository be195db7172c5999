/**
 * Kubernetes objects as they travel: plain, immutable JSON with times as RFC 3339 text. Types only; the package behind
 * them is erased at compile time (this file is its door).
 */
import type * as apps from "kubernetes-types/apps/v1.d.ts";
import type * as authorization from "kubernetes-types/authorization/v1.d.ts";
import type * as core from "kubernetes-types/core/v1.d.ts";
import type * as coordination from "kubernetes-types/coordination/v1.d.ts";
import type * as meta from "kubernetes-types/meta/v1.d.ts";
import type * as rbac from "kubernetes-types/rbac/v1.d.ts";

/** A model as we hold it: nothing in it is ever changed in place. */
export type Wire<T> = T extends readonly (infer E)[] ? readonly Wire<E>[]
  : T extends object ? { readonly [K in keyof T]: Wire<T[K]> | Extract<T[K], undefined> }
  : T;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** The part of `metadata` that we read and write. Fields that are not named here survive in the JSON all the same. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque; compare for equality only. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp?: string;
  /** Set once deletion was asked for; the object goes when its finalizers are gone. */
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** Names one object of a known type. `namespace` is empty for objects of the cluster. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** One row per resource; the only place where a URL path comes from. */
export interface ResourceType<T extends KubeObject> {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** False for objects that live in no namespace. */
  readonly namespaced: boolean;
  /** Phantom: carries T. Never set. */
  readonly of?: T;
}

export type AnyType = ResourceType<KubeObject>;

type Of<T> = Wire<Omit<T, "metadata" | "apiVersion" | "kind">> & KubeObject;

export type Pod = Of<core.Pod>;
export type PodSpec = Wire<core.PodSpec>;
export type PodTemplate = Wire<Omit<core.PodTemplateSpec, "metadata">> & {
  readonly metadata?: ObjectMeta;
};
export type Container = Wire<core.Container>;
export type ContainerStatus = Wire<core.ContainerStatus>;
export type EnvVar = Wire<core.EnvVar>;
export type LocalObjectReference = Wire<core.LocalObjectReference>;
export type Secret = Of<core.Secret>;
export type ConfigMap = Of<core.ConfigMap>;
export type ServiceAccount = Of<core.ServiceAccount>;
export type Namespace = Of<core.Namespace>;
export type Event = Of<core.Event>;
export type Lease = Of<coordination.Lease>;
export type Role = Of<rbac.Role>;
export type RoleBinding = Of<rbac.RoleBinding>;
export type ClusterRole = Of<rbac.ClusterRole>;
export type ClusterRoleBinding = Of<rbac.ClusterRoleBinding>;
export type Deployment = Of<apps.Deployment>;
export type ResourceQuota = Of<core.ResourceQuota>;
export type LimitRange = Of<core.LimitRange>;
export type SelfSubjectAccessReview = Of<authorization.SelfSubjectAccessReview>;
export type SubjectAccessReview = Of<authorization.SubjectAccessReview>;
export type SelfSubjectReview = KubeObject & {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
};
export type SelfSubjectRulesReview = Of<authorization.SelfSubjectRulesReview>;
export type PolicyRule = Wire<rbac.PolicyRule>;
export type Condition = Wire<meta.Condition>;

/** The body of a failed call, and the object of an ERROR watch event. */
export interface Status {
  readonly kind: "Status";
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly {
      readonly reason?: string;
      readonly field?: string;
      readonly message?: string;
    }[];
  };
}

/** "namespace/name", or "name" for an object of the cluster. */
export function keyText(key: ObjectKey): string {
  return key.namespace === "" ? key.name : `${key.namespace}/${key.name}`;
}

/** The key of an object that the server has stored. */
export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata?.namespace ?? "", name: object.metadata?.name ?? "" };
}

/** "v1", "apps/v1". */
export function apiVersionOf(type: AnyType): string {
  return type.group === "" ? type.version : `${type.group}/${type.version}`;
}

/** The key that {@link keyText} wrote. */
export function keyFromText(text: string): ObjectKey {
  const slash = text.indexOf("/");
  return { namespace: text.slice(0, Math.max(slash, 0)), name: text.slice(slash + 1) };
}
