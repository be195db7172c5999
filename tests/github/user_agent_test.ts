import { equal } from "node:assert/strict";
import { thisProduct, userAgentText } from "../../github/user_agent.ts";
import { BUILD } from "../../lib/build.ts";

Deno.test("§20.23 we introduce ourselves in compact JSON that fits a header", {
  permissions: "none",
}, () => {
  const text = userAgentText({
    system: "longshore",
    version: "1.2.3-ü",
    commitSha: "abc",
    subsystem: "ghalistener",
    scaleSetId: 7,
  });
  equal(
    text,
    '{"system":"longshore","version":"1.2.3-\\u00fc","commit_sha":"abc","scale_set_id":7,' +
      '"subsystem":"ghalistener","build_version":"1.2.3-\\u00fc","build_commit_sha":"abc",' +
      '"kind":"scaleset"}',
  );
  equal(JSON.parse(text).version, "1.2.3-ü");
});

Deno.test(
  "a part of the product introduces itself as of this build",
  { permissions: "none" },
  () => {
    equal(
      userAgentText(thisProduct("ghalistener")),
      userAgentText({
        system: "longshore",
        version: BUILD.version,
        commitSha: BUILD.commit,
        subsystem: "ghalistener",
      }),
    );
  },
);
