/** What `deno task release` makes, opened by the programs that people open it with. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../kube/types.ts";
import { BUILD } from "../../lib/build.ts";
import { seededRandom } from "../../lib/random.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { startWorld } from "../../sim/world.ts";
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
    wellFormed(bill);
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
    await applied(install.map(({ value }) => value as KubeObject));
    assert.ok(!kinds.includes("Job"), "a hook would run at once");
    await Deno.remove(out, { recursive: true });
  },
);

interface Component {
  readonly "bom-ref": string;
  readonly type: string;
  readonly name: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly {
    readonly license: { readonly id?: string; readonly name?: string };
  }[];
}

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly version: number;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly {
    readonly ref: string;
    readonly dependsOn?: readonly string[];
  }[];
}

/** What the schema of CycloneDX 1.6 asks of the members that a bill has, and that its references lead somewhere. */
function wellFormed(bill: Bill): void {
  assert.deepEqual([bill.bomFormat, bill.specVersion, bill.version], ["CycloneDX", "1.6", 1]);
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const all = [bill.metadata.component, ...bill.components];
  const refs = new Set(all.map((one) => one["bom-ref"]));
  assert.equal(refs.size, all.length, "each reference is of one component");
  for (const { type, name, hashes = [], licenses } of all) {
    assert.match(type, /^(application|library|platform)$/);
    assert.ok(name !== "");
    for (const { alg, content } of hashes) {
      assert.equal(alg, "SHA-512");
      assert.match(content, /^[0-9a-f]{128}$/);
    }
    for (const { license } of licenses) assert.ok(license.id ?? license.name, name);
  }
  for (const { purl } of bill.components) assert.match(purl, /^pkg:(npm|github|deb)\/\S+@\S+$/);
  for (const { ref, dependsOn = [] } of bill.dependencies) {
    for (const one of [ref, ...dependsOn]) assert.ok(refs.has(one), one);
  }
}

/** By an API server, in which every object finds what it needs and has the shape of its kind. */
async function applied(objects: readonly KubeObject[]): Promise<void> {
  const world = await startWorld({
    clock: new VirtualClock(),
    random: seededRandom(1),
    at: "memory",
    controllerRights: { cluster: [], ownNamespace: [] },
  });
  await world.apply(objects);
  await world.stop();
}
