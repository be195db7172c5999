/** What is in a release, for machines (CycloneDX 1.6) and for people (the licences). Pure; the same content, the same text. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { NpmPackage } from "./packages.ts";

/** A package of Debian in the image. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export interface BillOfMaterials {
  readonly version: string;
  readonly commit: string;
  /** Of Deno, whose runtime is in the binary. */
  readonly runtime: string;
  readonly packages: readonly NpmPackage[];
  /** Of the image only. */
  readonly debian?: readonly DebianPackage[];
}

/** As JSON with a line break at its end. */
export function cycloneDx(bill: BillOfMaterials): string {
  const components = [
    {
      type: "platform",
      name: "deno",
      version: bill.runtime,
      purl: `pkg:github/denoland/deno@v${bill.runtime}`,
      licenses: [{ license: { id: "MIT" } }],
    },
    ...bill.packages.map(npmComponent),
    ...(bill.debian ?? []).map(({ name, version, architecture }) => ({
      type: "library",
      name,
      version,
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`,
    })),
  ].map((component) => ({ "bom-ref": component.purl, ...component }));
  const digest = createHash("sha256").update(JSON.stringify([bill.commit, components])).digest(
    "hex",
  );
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": "longshore",
        name: "longshore",
        version: bill.version,
        licenses: [{ license: { id: "Apache-2.0" } }],
        properties: [{ name: "longshore:commit", value: bill.commit }],
      },
    },
    components,
    dependencies: [{ ref: "longshore", dependsOn: components.map(({ purl }) => purl) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Every package with its licence, each text once. */
export function licenceList({ version, packages }: BillOfMaterials): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, licence, licenceText } of packages) {
    const text = licenceText ??
      `(The package comes without a text; it names the licence ${licence}.)`;
    byText.set(text, [...byText.get(text) ?? [], `${name} ${version} (${licence})`]);
  }
  const head = `Longshore ${version} is under the Apache License 2.0, see LICENSE. ` +
    "Its binaries hold the following packages, and the runtime of Deno (MIT).";
  const parts = [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text}`);
  return `${[head, ...parts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function npmComponent({ name, version, integrity, licence }: NpmPackage) {
  const [scope, bare] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const path = scope === undefined ? bare : `${encodeURIComponent(scope)}/${bare}`;
  const [algorithm = "", digest = ""] = integrity.split("-");
  return {
    type: "library",
    ...(scope === undefined ? {} : { group: scope }),
    name: bare,
    version,
    purl: `pkg:npm/${path}@${version}`,
    hashes: [{
      alg: algorithm.toUpperCase().replace("SHA", "SHA-"),
      content: Buffer.from(digest, "base64").toString("hex"),
    }],
    licenses: [/[ ()]/.test(licence) ? { expression: licence } : { license: { id: licence } }],
  };
}

/** A version 8 UUID: made of our own bits. */
function uuidOf(digest: string): string {
  const [a, b, c, d, e] = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(13, 16),
    digest.slice(17, 20),
    digest.slice(20, 32),
  ];
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
