import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObservedGuest } from "../guest/observe-guest.ts";
import { conditionsOf, seenPower, wantedPower } from "./observe-machine.ts";

const guest = (state: ObservedGuest["state"]): ObservedGuest => ({
  state,
  ready: false,
  ip: undefined,
  node: undefined,
});

test("each version's spelling of a power state is understood; without one the machine is on", () => {
  for (const [given, wanted] of [
    ["PoweredOn", "PoweredOn"],
    ["poweredOn", "PoweredOn"],
    ["poweredOff", "PoweredOff"],
    ["PoweredOff", "PoweredOff"],
    ["suspended", "Suspended"],
  ] as const) {
    assert.equal(wantedPower({ spec: { powerState: given } }), wanted);
  }
  assert.equal(wantedPower({ spec: {} }), "PoweredOn");
});

test("what is seen is what the guest does, not what is wanted", () => {
  assert.equal(seenPower(guest("absent"), "PoweredOn"), "PoweredOff");
  assert.equal(seenPower(guest("running"), "PoweredOff"), "PoweredOn");
  assert.equal(seenPower(guest("running"), "Suspended"), "PoweredOn");
  assert.equal(seenPower(guest("absent"), "Suspended"), "Suspended");
});

test("a condition names what does not exist", () => {
  const conditions = conditionsOf([{ condition: "VirtualMachineClassReady", message: "no class" }], guest("absent"));
  const failed = conditions.filter(({ status }) => status === "False").map(({ type, message }) => [type, message]);
  assert.deepEqual(failed, [
    ["VirtualMachineClassReady", "no class"],
    ["VirtualMachineCreated", ""],
  ]);
});
