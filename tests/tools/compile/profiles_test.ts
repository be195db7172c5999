import assert from "node:assert/strict";
import { binaryName, COMPILE_FLAGS, profiles, TARGETS } from "../../../tools/compile/profiles.ts";

const FORBIDDEN = /^(-A|--allow-(all|ffi|import|sys))\b/;

for (const profile of Object.values(profiles())) {
  Deno.test({
    name:
      `the build ${profile.name} never has all permissions, native libraries, or code from the network`,
    permissions: "none",
    fn: () => {
      assert.deepEqual(
        [...profile.permissions, ...COMPILE_FLAGS].filter((flag) => FORBIDDEN.test(flag)),
        [],
      );
      for (const flag of ["--no-prompt", "--deny-import"]) {
        assert.ok(profile.permissions.includes(flag));
      }
    },
  });
}

Deno.test({
  name:
    "the image's build can neither write nor start programs, and names the variables that it reads",
  permissions: "none",
  fn: () => {
    const { permissions } = profiles().image;
    assert.ok(!permissions.some((flag) => /^--allow-(run|write)/.test(flag)));
    assert.ok(permissions.some((flag) => /^--allow-env=.*\bLISTENER_CONFIG_PATH\b/.test(flag)));
  },
});

Deno.test({
  name: "files are named by build and machine; the desktop's for this machine has the plain name",
  permissions: "none",
  fn: () => {
    const windows = TARGETS.find(({ name }) => name === "windows-x64");
    assert.ok(windows);
    assert.equal(binaryName("desktop", windows), "longshore-windows-x64.exe");
    assert.match(binaryName("desktop"), /^longshore(\.exe)?$/);
    assert.match(binaryName("image"), /^longshore-image(\.exe)?$/);
  },
});
