import assert from "node:assert/strict";
import { membersOf } from "../../github/decode.ts";
import { listedRunners } from "../../github/runner_list.ts";

/** Pages of that many runners in all, and which of them were read. */
function pages(total: number, shown = total) {
  const read: number[] = [];
  const page = (number: number) => {
    read.push(number);
    const count = Math.max(0, Math.min(100, shown - (number - 1) * 100));
    const runners = Array.from({ length: count }, (_, at) => ({
      name: `r-${(number - 1) * 100 + at}`,
      status: at % 2 === 0 ? "online" : "offline",
      busy: at === 0,
    }));
    return Promise.resolve(membersOf({ total_count: total, runners }, "the answer"));
  };
  return { page, read };
}

for (const [total, wanted] of [[0, 1], [1, 1], [100, 1], [101, 2], [250, 3]] as const) {
  Deno.test(`${total} runners are listed with ${wanted} calls`, async () => {
    const { page, read } = pages(total);
    assert.equal((await listedRunners(page))?.length, total);
    assert.equal(read.length, wanted);
  });
}

Deno.test("a list that promises more than it holds ends with its last page", async () => {
  const { page, read } = pages(1_000, 150);
  assert.equal((await listedRunners(page))?.length, 150);
  assert.equal(read.length, 3);
});

Deno.test("what is too long is not read to its end, and says nothing", async () => {
  const { page, read } = pages(20_000);
  assert.equal(await listedRunners(page), undefined);
  assert.equal(read.length, 100);
});

Deno.test("a listed runner says its name, whether it is online and whether it is busy", async () => {
  const [first, second] = await listedRunners(pages(2).page) ?? [];
  assert.deepEqual(first, { name: "r-0", isOnline: true, isBusy: true });
  assert.deepEqual(second, { name: "r-1", isOnline: false, isBusy: false });
});

Deno.test("an answer without names is refused", async () => {
  const page = () => Promise.resolve(membersOf({ total_count: 1, runners: [{}] }, "the answer"));
  await assert.rejects(listedRunners(page), /"name" is missing/);
});
