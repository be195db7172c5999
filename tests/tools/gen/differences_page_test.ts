/** The page of differences: which titles stand under which id. */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { differenceSection } from "../../../tools/gen/differences_page.ts";
import { titlesNaming } from "../../../tools/gen/test_titles.ts";

// Spelled in two parts, so that these rows do not stand on the page themselves.
const ID = "B" + "1";

Deno.test("a difference lists the titles that bear its id, and no longer id's", () => {
  const row = { id: ID, arc: "does this", ours: "that" };
  const section = differenceSection(row, [
    { text: `${ID}: keeps <it>`, path: "tests/a_test.ts" },
    { text: `${ID}0: closes it`, path: "tests/b_test.ts" },
  ]);
  assert.equal(section.at(-1), `- ${ID}: keeps \\<it> (\`tests/a_test.ts\`)`);
});

Deno.test("what a title takes from its row is left open", () => {
  const titles = [{ text: `${ID}: \${row.is} stays`, path: "tests/a_test.ts" }];
  const section = differenceSection({ id: ID, arc: "does this", ours: "that" }, titles);
  assert.equal(section.at(-1), `- ${ID}: … stays (\`tests/a_test.ts\`)`);
});

Deno.test("a difference that no test holds is not claimed", () => {
  assert.deepEqual(differenceSection({ id: ID, arc: "does this", ours: "that" }, []), []);
});

Deno.test("titles are sentences below tests/, each once per file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/tests/deep`, { recursive: true });
    const title = `"${ID}: keeps it"`;
    await Deno.writeTextFile(
      `${folder}/tests/deep/a_test.ts`,
      `Deno.test(${title}, one);\nDeno.test(\n  ${title},\n  two);\nconst id = "${ID}";\n`,
    );
    const titles = await titlesNaming(/\bB1\b/, pathToFileURL(`${folder}/`));
    assert.deepEqual(titles, [{ text: `${ID}: keeps it`, path: "tests/deep/a_test.ts" }]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
