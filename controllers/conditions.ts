/** Types of the conditions that users and tools may rely on. Reasons are chosen where the condition is set. */
export const CONDITIONS = {
  /** Everything below is well and jobs can be served. */
  ready: "Ready",
  /** The scale set exists at GitHub under the wanted name and group. */
  registered: "Registered",
  /** The Secret holds credentials that GitHub accepts. */
  credentialsValid: "CredentialsValid",
  /** The listener hears GitHub's queue of messages. */
  sessionHealthy: "SessionHealthy",
  /** True is bad: GitHub counts jobs that it gives to no runner. */
  phantomDemand: "PhantomDemand",
} as const;
