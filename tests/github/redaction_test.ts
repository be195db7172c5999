import { equal } from "node:assert/strict";
import { scrub } from "../../github/redaction.ts";

Deno.test("tokens of every kind, queries and user names are cut out, the rest stays", {
  permissions: "none",
}, () => {
  const rows: readonly (readonly [string, string])[] = [
    ["with sesame inside", "with [redacted] inside"],
    ["jwt eyJhbGciOiJub25lIn0.eyJleHAiOjF9.sig end", "jwt [redacted] end"],
    ["cut eyJhbGciOiJub25lIn0", "cut [redacted]"],
    ["ghp_0123456789 and github_pat_0123_abc", "[redacted] and [redacted]"],
    ["ghs_0123456789.", "[redacted]."],
    ["at https://u:p@h.example/x?sig=1 now", "at https://[redacted]@h.example/x now"],
    ["(https://h.example/x?sig=1)", "(https://h.example/x)"],
    ["plain words, ghost_town", "plain words, ghost_town"],
  ];
  for (const [text, wanted] of rows) equal(scrub(text, ["sesame", ""]), wanted);
});
