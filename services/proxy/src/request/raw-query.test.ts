import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ownLocation, stripToken, targetOfBytes, targetOfText } from "./raw-query.ts";

test("our parameter is cut out, every other byte stays", () => {
  const cases: [string, string, string | undefined][] = [
    ["/", "/", undefined],
    ["/?carrel_token=abc", "/", "abc"],
    ["/a?carrel_token=abc&b=1", "/a?b=1", "abc"],
    ["/a?b=1&carrel_token=abc", "/a?b=1", "abc"],
    ["/a?b=%7e&carrel_token=abc&c=+%20&&d", "/a?b=%7e&c=+%20&&d", "abc"],
    ["/a?carrel_token=1&carrel_token=2", "/a", "1"],
    ["/a?carrel%5Ftoken=abc&x", "/a?x", "abc"],
    ["/a?carrel_token", "/a", ""],
    ["/a?carrel_token=a%2Eb", "/a", "a.b"],
    ["/a?carrel_tokens=abc&xcarrel_token=1", "/a?carrel_tokens=abc&xcarrel_token=1", undefined],
    ["/a?b=carrel_token=abc", "/a?b=carrel_token=abc", undefined],
    ["/carrel_token=abc", "/carrel_token=abc", undefined],
    ["/a?%E0%A4%A=1&carrel_token=x", "/a?%E0%A4%A=1", "x"],
    ["//x/../y?carrel_token=x&?", "//x/../y??", "x"],
  ];
  for (const [target, expected, token] of cases) {
    assert.deepEqual(
      stripToken(target),
      token === undefined ? { target: expected } : { target: expected, token },
      target,
    );
  }
});

test("a target without our parameter is never changed", () => {
  fc.assert(
    fc.property(fc.webQueryParameters(), fc.webPath(), (query, path) => {
      fc.pre(!/carrel/i.test(decodeURIComponent(query)));
      assert.equal(stripToken(`/${path}?${query}`).target, `/${path}?${query}`);
    }),
  );
});

test("a Location never names another host", () => {
  for (const target of ["/a", "//evil.example/a", "/\\evil.example", "///a", "\\\\a", "a", "", "/%2f/a?b=//c"]) {
    assert.match(ownLocation(target), /^\/([^/\\]|$)/, target);
    assert.equal(new URL(ownLocation(target), "http://own.example/x").host, "own.example", target);
  }
});

test("a target as a header has it: text in UTF-8, raw bytes as they came", () => {
  assert.equal(targetOfText("/a?b=%20+c"), "/a?b=%20+c");
  assert.equal(targetOfText("/é\u20ac\u{1f980}x\ud800"), "/%C3%A9%E2%82%AC%F0%9F%A6%80x%EF%BF%BD");
  const raw = Buffer.from("/é?\u20ac%20", "utf8").toString("latin1");
  assert.equal(targetOfBytes(raw), "/%C3%A9?%E2%82%AC%20");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(decodeURIComponent(targetOfText(text.replaceAll("%", ""))), text.replaceAll("%", "").toWellFormed());
    }),
  );
});
