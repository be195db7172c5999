import assert from "node:assert/strict";
import { commitOf } from "../../../tools/compile/commit.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

const REPOSITORIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a branch": { "HEAD": "ref: refs/heads/main\n", "refs/heads/main": `${COMMIT}\n` },
  "a packed branch": {
    "HEAD": "ref: refs/heads/main\n",
    "packed-refs": `# x\n${COMMIT} refs/heads/main\n`,
  },
  "no branch": { "HEAD": `${COMMIT}\n` },
};

for (const [what, files] of Object.entries(REPOSITORIES)) {
  Deno.test(`the commit is read where ${what} is checked out`, async () => {
    const root = await Deno.makeTempDir();
    await Deno.mkdir(`${root}/.git/refs/heads`, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${root}/.git/${name}`, text);
    }
    assert.equal(await commitOf(root), COMMIT);
    await Deno.remove(root, { recursive: true });
  });
}

Deno.test("outside of a repository the commit is unknown", async () => {
  assert.equal(await commitOf("/nowhere"), "unknown");
});
