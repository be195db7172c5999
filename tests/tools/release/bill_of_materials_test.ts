import assert from "node:assert/strict";
import { cycloneDx, licenceList } from "../../../tools/release/bill_of_materials.ts";
import type { NpmPackage } from "../../../tools/release/packages.ts";

const PACKAGE: NpmPackage = {
  name: "@scope/thing",
  version: "1.2.3",
  integrity: "sha512-AAEC",
  licence: "MIT",
  licenceText: "Do as you like.",
};

const BILL = { version: "0.1.0", commit: "c0ffee", runtime: "2.9.6", packages: [PACKAGE] };

Deno.test({
  name: "every package has its purl, its sum from the lock file and its licence",
  permissions: "none",
  fn: () => {
    const { specVersion, components } = JSON.parse(cycloneDx(BILL));
    assert.equal(specVersion, "1.6");
    assert.equal(components[0].purl, "pkg:github/denoland/deno@v2.9.6");
    assert.deepEqual(components[1], {
      "bom-ref": "pkg:npm/%40scope/thing@1.2.3",
      type: "library",
      group: "@scope",
      name: "thing",
      version: "1.2.3",
      purl: "pkg:npm/%40scope/thing@1.2.3",
      hashes: [{ alg: "SHA-512", content: "000102" }],
      licenses: [{ license: { id: "MIT" } }],
    });
  },
});

Deno.test({
  name: "the same content is the same bill, another commit another",
  permissions: "none",
  fn: () => {
    assert.equal(cycloneDx(BILL), cycloneDx(BILL));
    const number = (text: string) => JSON.parse(text).serialNumber;
    assert.match(
      number(cycloneDx(BILL)),
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.notEqual(number(cycloneDx(BILL)), number(cycloneDx({ ...BILL, commit: "other" })));
  },
});

Deno.test({
  name: "packages of one text share it in the list of licences",
  permissions: "none",
  fn: () => {
    const other = { ...PACKAGE, name: "other" };
    const list = licenceList({ ...BILL, packages: [PACKAGE, other] });
    assert.match(list, /@scope\/thing 1\.2\.3 \(MIT\)\nother 1\.2\.3 \(MIT\)\n\nDo as you like\./);
    assert.equal(list.split("Do as you like.").length, 2);
  },
});
