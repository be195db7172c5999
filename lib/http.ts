/** The seam of every network edge: a server is a {@link Fetch} as much as a client is given one. */

/** One HTTP exchange. Rejects when no response came (reset, refused, aborted). */
export type Fetch = (request: Request) => Promise<Response>;
