/** The seam between how the API server is reached (in a cluster, by kubeconfig, in memory) and what is asked of it. */
import type { Fetch } from "../lib/http.ts";

/** Where the API server is and who we are. */
export interface Connection {
  /** Scheme, host and port, without a slash at the end: `https://10.96.0.1:443`. A path may follow. */
  readonly server: string;
  /** The headers that prove who we are; asked for each request, so that a token may change. */
  headers(): Promise<Readonly<Record<string, string>>>;
  readonly fetch: Fetch;
  /**
   * The server did not take these headers, as {@link headers} gave them: looks for others. Whether there are, so that
   * asking once more may help. Rejects when what is to be looked at cannot be read. Absent where nothing can change.
   */
  readonly renew?: (refused: Readonly<Record<string, string>>) => Promise<boolean>;
  /**
   * The network under this request fell silent: requests from now on take a new connection. Absent where there is
   * nothing to replace.
   */
  readonly abandon?: (request: Request) => void;
}
