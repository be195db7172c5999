import assert from "node:assert/strict";
import { githubNet, netOf, serverWord } from "../../modes/github_net.ts";

Deno.test({
  name: "without stand-ins any host may be GitHub's",
  permissions: "none",
  fn: () => assert.equal(githubNet(""), "any"),
});

Deno.test({
  name: "stand-ins are named with their ports",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      githubNet("github.com=http://127.0.0.1:4000,ghes.example=https://other.example/x"),
      [
        "127.0.0.1:4000",
        "other.example:443",
      ],
    ),
});

Deno.test({
  name: "lists add up without repetition, and any swallows all",
  permissions: "none",
  fn: () => {
    assert.deepEqual(netOf([["a:1"], ["b:2", "a:1"]]), ["a:1", "b:2"]);
    assert.equal(netOf([["a:1"], "any"]), "any");
  },
});

Deno.test({
  name: "IPv6 addresses have brackets",
  permissions: "none",
  fn: () =>
    assert.deepEqual([serverWord("::1", 443), serverWord("kube", 1)], ["[::1]:443", "kube:1"]),
});
