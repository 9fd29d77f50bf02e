import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { clusterAddresses, freeIndex, MAX_CLUSTERS } from "./cluster-addresses.ts";
import { clusterPaths } from "./cluster-paths.ts";

test("every index has addresses of its own, in one /30 of host addresses", () => {
  const all = Array.from({ length: MAX_CLUSTERS }, (_, index) => clusterAddresses(index));
  const addresses = all.flatMap(({ hostAddress, nodeAddress }) => [hostAddress, nodeAddress]);
  assert.equal(new Set(addresses).size, 2 * MAX_CLUSTERS);
  for (const { hostAddress, nodeAddress } of all) {
    const [host = 0, node = 0] = [hostAddress, nodeAddress].map((address) => Number(address.split(".")[3]));
    assert.ok(node === host + 1 && host % 4 === 1 && node < 255);
  }
});

test("the lowest free index is given, until there is none", () => {
  assert.equal(freeIndex([]), 0);
  assert.equal(freeIndex([1, 0, 3]), 2);
  assert.equal(freeIndex(Array.from({ length: MAX_CLUSTERS }, (_, index) => index)), undefined);
});

test("names that are no short DNS label are refused", () => {
  for (const bad of ["", "-a", "a-", "1a", "A", "a/b", "..", "a".repeat(31)]) {
    assert.throws(
      () => clusterPaths(bad),
      (error) => hasCode(error, "INVALID"),
      bad,
    );
  }
  assert.match(clusterPaths("dev").root, /\/clusters\/dev$/);
});
