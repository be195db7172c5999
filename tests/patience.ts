/** How long tests wait for what only the machine's time brings. Knows no claim. */

/**
 * The longest wait for an event, in ms. It only says when to give up: no claim is about it, so that a machine that is slow,
 * or that lets a process stand still for some seconds, changes no result.
 */
export const PATIENCE_MS = 300_000;
