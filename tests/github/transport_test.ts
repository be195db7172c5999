import { equal, ok, rejects } from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  adminToken,
  aService,
  exception,
  finished,
  json,
  REGISTRATION,
  scriptedGitHub,
  SECRETS,
  SETS,
} from "./scripted.ts";

const ABSENT = () => json({ count: 0, value: [] });

Deno.test("§20.27 §20.28 the service's address is kept whatever its form, and every call says its version", async () => {
  const rows: readonly (readonly [string, string])[] = [
    ["https://svc.example", "https://svc.example/_apis/runtime/runnerscalesets?"],
    ["https://svc.example/", "https://svc.example/_apis/runtime/runnerscalesets?"],
    ["https://svc.example/t/1", "https://svc.example/t/1/_apis/runtime/runnerscalesets?"],
    ["https://svc.example//t/1//", "https://svc.example/t/1/_apis/runtime/runnerscalesets?"],
    ["https://svc.example/t?a=b", "https://svc.example/t/_apis/runtime/runnerscalesets?a=b&"],
  ];
  for (const [url, wanted] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, {
      [`POST ${REGISTRATION}`]: () => json({ url, token: adminToken(clock, 3600) }),
      [`GET ${new URL(wanted).pathname}`]: ABSENT,
    });
    await finished(clock, aService({ clock, fetch: github.fetch }).findScaleSet("x", 1));
    const sent = github.sent.at(-1);
    equal(sent?.url.href, `${wanted}api-version=6.0-preview&name=x&runnerGroupId=1`);
    equal(sent?.headers.get("content-type"), "application/json");
  }
});

Deno.test("§20.20 a refused admin token is an error without a refresh; the next call gets a new one", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, {
    [`GET ${SETS}`]: [ABSENT, () => exception(401, "InvalidTokenException"), ABSENT],
  });
  const service = aService({ clock, fetch: github.fetch });
  await finished(clock, service.findScaleSet("x", 1));
  await clock.advance(120_000);
  await rejects(finished(clock, service.findScaleSet("x", 1)), (thrown: unknown) => {
    return thrown instanceof GitHubError && thrown.code === "github_unauthorized" &&
      thrown.disposition.kind === "retry";
  });
  equal(github.to(`POST ${REGISTRATION}`).length, 1);
  await finished(clock, service.findScaleSet("x", 1));
  equal(github.to(`POST ${REGISTRATION}`).length, 2);
});

Deno.test("an answer that is not what was asked for is a bad answer that quotes nothing", async () => {
  const rows: readonly (readonly [() => Response, RegExp])[] = [
    [() => new Response(""), /its body is empty/],
    [() => new Response("<html>secret</html>"), /its body is not JSON/],
    [() => json(["secret"]), /is a list, an object is wanted/],
    [() => json({ count: "secret" }), /"count" is a string, a whole number is wanted/],
    [() => json({ count: 1, value: [] }), /is missing, an object is wanted/],
    [() => json({ secret: 1 }, { status: 201 }), /answered 201: unknown error/],
  ];
  for (const [script, wanted] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { [`GET ${SETS}`]: script });
    const service = aService({ clock, fetch: github.fetch });
    await rejects(finished(clock, service.findScaleSet("x", 1)), (thrown: unknown) => {
      ok(thrown instanceof GitHubError);
      equal(thrown.code, "github_bad_answer");
      ok(!thrown.message.includes("secret"));
      return wanted.test(thrown.message);
    });
  }
});

Deno.test("the admin token goes to the service alone", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, { [`GET ${SETS}`]: ABSENT });
  await finished(clock, aService({ clock, fetch: github.fetch }).findScaleSet("x", 1));
  const [first, second, third] = github.sent.map(({ headers }) => headers.get("authorization"));
  equal(first, `Bearer ${SECRETS.pat}`);
  equal(second, `RemoteAuth ${SECRETS.registration}`);
  equal(third, `Bearer ${adminToken(clock, 3600)}`);
});
