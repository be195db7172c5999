/** What `deno task release` makes, opened by the programs that people open it with. */
import assert from "node:assert/strict";
import { BUILD } from "../../lib/build.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { thisMachine } from "../../tools/compile/toolchain.ts";
import { release } from "../../tools/release.ts";
import { findHelm } from "../chart/programs.ts";
import { binaryTest } from "./binary_test_case.ts";
import { note, outcomeOf } from "./process.ts";

const { version } = BUILD;
const CHARTS = ["gha-runner-scale-set", "gha-runner-scale-set-controller"];

binaryTest(
  "a release has programs, charts, definitions, a bill of materials and sums that are right",
  async () => {
    const out = await Deno.makeTempDir({ prefix: "longshore-release-test-" });
    const names = await release({ out, targets: [thisMachine()] }, () => {});
    const helm = await findHelm(note);
    const hasHelm = "program" in helm;
    const archive = `longshore-${version}-${thisMachine()}.tar.gz`;
    assert.deepEqual(
      names.toSorted(),
      [
        "SHA256SUMS",
        "THIRD_PARTY_LICENCES.txt",
        "crds.yaml",
        ...CHARTS.map((chart) => `${chart}-${version}.tgz`).toReversed(),
        ...(hasHelm ? ["install.yaml"] : []),
        archive,
        `longshore-${version}.sbom.cdx.json`,
      ].toSorted(),
    );
    const sums = await outcomeOf("sh", [
      "-c",
      'cd "$0" && sha256sum --check --strict SHA256SUMS',
      out,
    ]);
    assert.equal(sums.code, 0, sums.err);
    assert.equal((await outcomeOf("tar", ["-xzf", `${out}/${archive}`, "-C", out])).code, 0);
    assert.match(
      (await outcomeOf(`${out}/longshore`, ["version"])).out,
      new RegExp(`^longshore ${version} `),
    );
    const bill = JSON.parse(await Deno.readTextFile(`${out}/longshore-${version}.sbom.cdx.json`));
    for (const name of ["rest", "prom-client", "yaml"]) {
      assert.ok(bill.components.some((one: { name: string }) => one.name === name), name);
    }
    assert.ok(!JSON.stringify(bill).includes("fast-check"), "what tests use is not in the program");
    const definitions = parseDocuments(await Deno.readTextFile(`${out}/crds.yaml`), "crds.yaml");
    assert.equal(definitions.length, 4);
    if (!hasHelm) return note(`charts not opened: ${helm.missing}`);
    for (const chart of CHARTS) {
      const shown = await outcomeOf(helm.program, [
        "show",
        "chart",
        `${out}/${chart}-${version}.tgz`,
      ]);
      assert.match(shown.out, new RegExp(`^name: ${chart}$`, "m"), shown.err);
    }
    const install = parseDocuments(await Deno.readTextFile(`${out}/install.yaml`), "install.yaml");
    const kinds = install.map(({ value }) => (value as { readonly kind: string }).kind);
    for (const kind of ["CustomResourceDefinition", "Namespace", "Deployment", "ServiceAccount"]) {
      assert.ok(kinds.includes(kind), kind);
    }
    assert.ok(!kinds.includes("Job"), "a hook would run at once");
    await Deno.remove(out, { recursive: true });
  },
);
