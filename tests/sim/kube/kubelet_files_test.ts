import assert from "node:assert/strict";
import { filesInMemory, filesUnder } from "../../../sim/kube/kubelet_files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("files in memory follow updates", async () => {
  const place = await filesInMemory();
  await place.update(new Map([["/a", bytes("1")], ["/b", bytes("2")]]));
  await place.update(new Map([["/a", bytes("3")]]));
  assert.deepEqual([...place.files], [["/a", bytes("3")]]);
  assert.equal(place.root, "");
});

Deno.test("files on disk appear, change, go, and all is removed at the end", async () => {
  const base = await Deno.makeTempDir();
  try {
    const place = await filesUnder(base)("uid/main", ["/jobs"]);
    assert.ok((await Deno.stat(`${place.root}/jobs`)).isDirectory);
    await place.update(new Map([["/etc/a", bytes("1")], ["/etc/b", bytes("2")]]));
    assert.equal(await Deno.readTextFile(`${place.root}/etc/a`), "1");
    assert.equal(((await Deno.stat(`${place.root}/etc/a`)).mode ?? 0) & 0o777, 0o600);
    await place.update(new Map([["/etc/a", bytes("3")]]));
    assert.equal(await Deno.readTextFile(`${place.root}/etc/a`), "3");
    await assert.rejects(() => Deno.stat(`${place.root}/etc/b`), Deno.errors.NotFound);
    await place.remove();
    await assert.rejects(() => Deno.stat(place.root), Deno.errors.NotFound);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});
