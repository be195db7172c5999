/** What stands in the way of a runner or a job. Types only. */

export interface Reason {
  /** For scripts: does not change. */
  readonly code:
    | "deleting"
    | "unserved"
    | "spec"
    | "credential"
    | "registration"
    | "template"
    | "listener"
    | "session"
    | "version"
    | "image"
    | "paused"
    | "quota"
    | "unschedulable"
    | "failing"
    | "max"
    | "phantom"
    | "not-ready";
  /** One sentence without a full stop. */
  readonly says: string;
  /** What would change it. */
  readonly remedy: string;
}
