import { equal, notEqual } from "node:assert/strict";
import { createServicePool, type ServiceKey } from "../../github/pool.ts";
import type { ActionsService } from "../../github/service.ts";

const KEY: ServiceKey = {
  user: "ns/a",
  configUrl: "https://github.com/octo",
  credential: "c1",
  connection: "",
};

/** The pool never looks inside a service. */
const make = () => ({}) as ActionsService;

Deno.test("users with the same key share one service", { permissions: "none" }, () => {
  const pool = createServicePool();
  const first = pool.get(KEY, make);
  equal(pool.get(KEY, make), first);
  equal(pool.get({ ...KEY, user: "ns/b" }, make), first);
  equal(pool.size, 1);
});

Deno.test("another URL, credential or way to the network is another service", {
  permissions: "none",
}, () => {
  const pool = createServicePool();
  const first = pool.get(KEY, make);
  const others = [
    { configUrl: "https://github.com/other" },
    { credential: "c2" },
    { connection: "proxy" },
  ];
  for (const [i, change] of others.entries()) {
    notEqual(pool.get({ ...KEY, ...change, user: `ns/${i}` }, make), first);
  }
  equal(pool.size, 4);
});

Deno.test("a superseded credential leaves the pool with its last user", {
  permissions: "none",
}, () => {
  const pool = createServicePool();
  const old = pool.get(KEY, make);
  pool.get({ ...KEY, user: "ns/b" }, make);
  const next = pool.get({ ...KEY, credential: "c2" }, make);
  notEqual(next, old);
  equal(pool.size, 2); // ns/b still has the old one
  equal(pool.get({ ...KEY, user: "ns/b", credential: "c2" }, make), next);
  equal(pool.size, 1);
  pool.release("ns/a");
  pool.release("ns/b");
  pool.release("ns/b");
  equal(pool.size, 0);
});
