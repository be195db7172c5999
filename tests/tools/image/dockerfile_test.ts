/** The Dockerfile and the root file system that we assemble ourselves say the same of the image. */
import assert from "node:assert/strict";
import { PROGRAMS, USER_ID } from "../../../tools/image/root_file_system.ts";

const dockerfile = await Deno.readTextFile("Dockerfile");

Deno.test("the program, its names and its user are the same", () => {
  const [program, ...links] = PROGRAMS;
  assert.match(dockerfile, new RegExp(`^COPY .* /${program}$`, "m"));
  for (const link of links) {
    assert.match(dockerfile, new RegExp(`ln -s ${program} /links/${link}\\b`));
  }
  assert.match(dockerfile, new RegExp(`^USER ${USER_ID}:${USER_ID}$`, "m"));
  assert.match(dockerfile, /^ENTRYPOINT \["\/manager"\]$/m);
});

Deno.test("the Deno that compiles the image is the one that the README names", async () => {
  const [, named] = /deno@([\d.]+)/.exec(await Deno.readTextFile("README.md")) ?? [];
  assert.match(dockerfile, new RegExp(`^ARG DENO_VERSION=${named}$`, "m"));
});
