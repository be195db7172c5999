import assert from "node:assert/strict";
import { Followings } from "../../controllers/followings.ts";
import { KubeError } from "../../kube/errors.ts";
import { VirtualClock } from "../../sim/clock.ts";

const DENIED = (plural: string) => ({
  failed: new KubeError(`Cannot list ${plural}: forbidden by role`, { code: "kube_forbidden" }),
});

Deno.test("what has not been listed yet is not seen, and once it is, all is well", () => {
  const followings = new Followings(new VirtualClock());
  const pods = followings.add("pods in all namespaces");
  assert.equal(followings.problem(), "not listed yet: pods in all namespaces");
  pods("listed");
  assert.equal(followings.problem(), undefined);
});

Deno.test("a first failure is told at once, with the server's reason", () => {
  const followings = new Followings(new VirtualClock());
  followings.add("pods in all namespaces")(DENIED("pods"));
  assert.equal(followings.problem(), "forbidden by role (for 0 s: pods in all namespaces)");
});

Deno.test("collections with one reason are told together, those that are seen are not", async () => {
  const clock = new VirtualClock();
  const followings = new Followings(clock);
  const [pods, roles, runners] = ["pods", "roles", "runners"].map((what) => followings.add(what));
  pods?.(DENIED("pods"));
  runners?.("listed");
  await clock.advance(3_000);
  roles?.(DENIED("roles"));
  assert.equal(followings.problem(), "forbidden by role (for 3 s: pods, roles)");
});

Deno.test("a moment without sight is no problem, a quarter of a minute is, until a watch is open", async () => {
  const clock = new VirtualClock();
  const followings = new Followings(clock);
  const pods = followings.add("pods");
  pods("listed");
  pods("watching");
  pods(DENIED("pods"));
  await clock.advance(14_999);
  pods(DENIED("pods"));
  assert.equal(followings.problem(), undefined);
  await clock.advance(1);
  assert.match(followings.problem() ?? "", /for 15 s: pods/);
  pods("listed");
  assert.notEqual(followings.problem(), undefined, "a list alone does not follow");
  pods("watching");
  assert.equal(followings.problem(), undefined);
});
