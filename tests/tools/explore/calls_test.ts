import assert from "node:assert/strict";
import { VirtualClock } from "../../../sim/clock.ts";
import type { Caller } from "../../journeys/stage.ts";
import { CallFaults, type CrashDeed, type SpoilDeed } from "../../../tools/explore/calls.ts";

const KUBE = "https://kubernetes.default.svc/api/v1/pods";

function aCaller(kind: Caller["kind"]): Caller & { readonly crashes: number } {
  let crashes = 0;
  return {
    kind,
    crash: () => void crashes++,
    get crashes() {
      return crashes;
    },
  };
}

function network() {
  const clock = new VirtualClock();
  const bites: string[] = [];
  const faults = new CallFaults({
    clock,
    onBite: (deed, { request }) => bites.push(`${deed.do} at ${request.method}`),
  });
  const sent: string[] = [];
  async function ask(method: string, from: Caller, url = KUBE): Promise<Response> {
    const request = new Request(url, { method });
    const send = () => {
      sent.push(method);
      const body = new Response("a change\n").body;
      return Promise.resolve(new Response(body));
    };
    return await faults.tap(request, send, from) ?? await send();
  }
  return { clock, bites, faults, sent, ask };
}

const CRASH: CrashDeed = { do: "crash", who: "controller", call: 2, when: "before", downS: 1 };
const SPOIL: SpoilDeed = {
  do: "spoil",
  who: "listener",
  side: "kubernetes",
  how: "500",
  skip: 1,
  times: 2,
};

Deno.test("a process dies at its nth write; reads and the calls of others do not count", async () => {
  const { faults, ask, bites } = network();
  const [controller, listener] = [aCaller("controller"), aCaller("listener")];
  faults.arm(CRASH);
  await ask("POST", controller);
  await ask("GET", controller);
  await ask("POST", listener);
  assert.equal(controller.crashes, 0);
  await ask("PATCH", controller);
  await ask("PATCH", controller);
  assert.equal(controller.crashes, 1);
  assert.deepEqual(bites, ["crash at PATCH"]);
});

Deno.test("a process that dies after a call has sent it", async () => {
  const { faults, ask, sent } = network();
  const controller = aCaller("controller");
  faults.arm({ ...CRASH, call: 1, when: "after" });
  await ask("DELETE", controller);
  assert.deepEqual(sent, ["DELETE"]);
  assert.equal(controller.crashes, 1);
});

Deno.test("calls are spoilt after some, as often as planned, on their side only", async () => {
  const { faults, ask } = network();
  const listener = aCaller("listener");
  faults.arm(SPOIL);
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) {
    statuses.push((await ask("GET", listener)).status);
    assert.equal((await ask("GET", listener, "https://github.simulated/x")).status, 200);
  }
  assert.deepEqual(statuses, [200, 500, 500, 200, 200]);
});

Deno.test("what was disarmed never bites", async () => {
  const { faults, ask, bites } = network();
  faults.arm({ ...SPOIL, skip: 0 });
  faults.disarm();
  assert.equal((await ask("GET", aCaller("listener"))).status, 200);
  assert.deepEqual(bites, []);
});

Deno.test("a watch that is held tells nothing until its time, and then everything", async () => {
  const { faults, ask, clock } = network();
  const controller = aCaller("controller");
  faults.hold("controller", 30_000);
  const response = await ask("GET", controller, `${KUBE}?watch=true`);
  let text: string | undefined;
  const reading = response.text().then((all) => text = all);
  await clock.advance(29_000);
  assert.equal(text, undefined);
  await clock.advance(2_000);
  await reading;
  assert.equal(text, "a change\n");
});

Deno.test("who is isolated reaches GitHub, and the API server only afterwards", async () => {
  const { faults, ask } = network();
  const [one, other] = [aCaller("controller"), aCaller("controller")];
  faults.isolate(one);
  await assert.rejects(async () => await ask("GET", one), /unreachable/);
  assert.equal((await ask("GET", one, "https://github.simulated/x")).status, 200);
  assert.equal((await ask("GET", other)).status, 200);
  faults.join(one);
  assert.equal((await ask("GET", one)).status, 200);
});
