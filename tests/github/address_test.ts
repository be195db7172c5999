import { equal, throws } from "node:assert/strict";
import { addressBelow, givenAddress } from "../../github/address.ts";
import { parseConfigUrl } from "../../github/config_url.ts";
import { BadShape } from "../../github/decode.ts";

Deno.test("an address is built below its base, with both queries, sorted", {
  permissions: "none",
}, () => {
  type Row = readonly [base: string, more: Parameters<typeof addressBelow>[1], wanted: string];
  const rows: readonly Row[] = [
    ["https://h/q?sid=a", {}, "https://h/q?sid=a"],
    ["https://h/q?sid=a", { query: { lastMessageId: "5" } }, "https://h/q?lastMessageId=5&sid=a"],
    ["https://h/q/?sid=a", { path: "5" }, "https://h/q/5?sid=a"],
    ["https://h", { path: "a/b/", query: { z: "1", a: "x y" } }, "https://h/a/b/?a=x+y&z=1"],
    ["https://h/t?a=1#f", { path: "p", query: { a: "2" } }, "https://h/t/p?a=2"],
  ];
  for (const [base, more, wanted] of rows) equal(addressBelow(new URL(base), more).href, wanted);
});

Deno.test("an address from an answer must not send tokens away in the clear", {
  permissions: "none",
}, () => {
  const rows: readonly (readonly [config: string, address: string, accepted: boolean])[] = [
    ["https://github.com/o", "https://svc.example/t", true],
    ["https://github.com/o", "http://svc.example/t", false],
    ["https://github.com/o", "http://127.0.0.1:4000/t", true],
    ["http://ghes.local/o", "http://ghes.local/_services", true],
    ["https://github.com/o", "ftp://svc.example/t", false],
    ["https://github.com/o", "https://a:b@svc.example/t", false],
    ["https://github.com/o", "/relative", false],
  ];
  for (const [text, address, accepted] of rows) {
    const read = () => givenAddress(address, { what: '"url"', config: parseConfigUrl(text) });
    if (accepted) equal(read().href, address);
    else throws(read, BadShape, address);
  }
});
