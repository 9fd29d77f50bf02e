import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { closeFrame, maskedCloseFrame } from "./close-frame.ts";
import { FrameTracker } from "./frame-tracker.ts";

interface Frame {
  readonly opcode: number;
  readonly length: number;
  readonly masked: boolean;
  readonly wide: boolean;
}

function encode({ opcode, length, masked, wide }: Frame): Buffer {
  const head = [0x80 | opcode];
  const mask = masked ? 0x80 : 0;
  if (length < 126 && !wide) head.push(mask | length);
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 0xff);
  else head.push(mask | 127, 0, 0, 0, 0, 0, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
  // The payload looks like frame heads, so that losing the place would be noticed.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0, 0x88), Buffer.alloc(length, 0x88)]);
}

const frame: fc.Arbitrary<Frame> = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000)),
  masked: fc.boolean(),
  wide: fc.boolean(),
});

test("wherever the bytes are cut, boundaries are where frames end, and nowhere else", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40_000 })),
      (frames, sizes) => {
        const bytes = Buffer.concat(frames.map(encode));
        const ends = new Set([0]);
        let end = 0;
        for (const one of frames) ends.add((end += encode(one).length));
        const tracker = new FrameTracker();
        let at = 0;
        while (at < bytes.length) {
          const size = sizes.next().value ?? 1;
          tracker.feed(bytes.subarray(at, at + size));
          at = Math.min(bytes.length, at + size);
          assert.equal(tracker.atBoundary, ends.has(at), `after ${at} of ${bytes.length} bytes`);
        }
        assert.equal(tracker.dataFrames, frames.filter(({ opcode }) => opcode < 8).length);
        assert.equal(tracker.closeSeen, false);
      },
    ),
  );
});

test("cut at each single byte: the rest up to the boundary is exactly the rest of the frame", () => {
  const frames = [5, 0, 126, 300].map((length, index) =>
    encode({ opcode: index === 1 ? 9 : 2, length, masked: index % 2 === 0, wide: false }),
  );
  const bytes = Buffer.concat(frames);
  const ends: number[] = [];
  for (const one of frames) ends.push((ends.at(-1) ?? 0) + one.length);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const tracker = new FrameTracker();
    tracker.feed(bytes.subarray(0, cut));
    const expected = cut === 0 || ends.includes(cut) ? 0 : (ends.find((end) => end > cut) ?? 0) - cut;
    assert.equal(tracker.feedToBoundary(bytes.subarray(cut)), expected, `cut at ${cut}`);
    assert.equal(tracker.atBoundary, true);
  }
});

test("a Close frame is seen as soon as its head is there", () => {
  const tracker = new FrameTracker();
  const bytes = closeFrame(1000, "bye");
  tracker.feed(bytes.subarray(0, 1));
  assert.equal(tracker.closeSeen, false);
  tracker.feed(bytes.subarray(1, 2));
  assert.equal(tracker.closeSeen, true);
  assert.equal(tracker.atBoundary, false);
  tracker.feed(bytes.subarray(2));
  assert.equal(tracker.atBoundary, true);
});

test("a length that cannot be makes it opaque for good", () => {
  const tracker = new FrameTracker();
  tracker.feed(Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
  assert.equal(tracker.opaque, true);
  assert.equal(tracker.atBoundary, false);
  tracker.feed(Buffer.alloc(100));
  assert.equal(tracker.atBoundary, false);
  assert.equal(tracker.feedToBoundary(Buffer.alloc(10)), 0);
});

test("any bytes at all: nothing is thrown", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (chunks) => chunks.forEach((chunk) => new FrameTracker().feed(chunk))),
  );
});

test("Close frames: code and reason, cut at a whole character, masked towards pods", () => {
  const plain = closeFrame(4002, "Expired");
  assert.deepEqual([...plain.subarray(0, 4)], [0x88, 9, 4002 >> 8, 4002 & 0xff]);
  assert.equal(plain.subarray(4).toString(), "Expired");
  const long = closeFrame(4002, "é".repeat(100));
  assert.equal(long.length, 2 + 2 + 122);
  assert.equal(long.subarray(4).toString(), "é".repeat(61));
  const masked = maskedCloseFrame(1001, "");
  assert.deepEqual([masked[0], masked[1]], [0x88, 0x82]);
  const code = (((masked[6] ?? 0) ^ (masked[2] ?? 0)) << 8) | ((masked[7] ?? 0) ^ (masked[3] ?? 0));
  assert.equal(code, 1001);
});
