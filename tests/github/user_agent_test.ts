import { equal } from "node:assert/strict";
import { userAgentText } from "../../github/user_agent.ts";

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
