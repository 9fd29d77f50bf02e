import assert from "node:assert/strict";
import { test } from "node:test";
import { mountPointsBelow } from "./unmount-below.ts";

// Lines of /proc/self/mountinfo while buildah builds, with paths made short.
const MOUNT_INFO = `23 28 0:21 / /proc rw,relatime - proc proc rw
96 28 254:0 /build/root/overlay /cache/build/root/overlay rw,relatime - ext4 /dev/vda rw
97 96 0:52 / /cache/build/root/overlay/abc/merged rw,relatime - overlay overlay rw
98 28 0:53 / /cache/build-other/merged rw,relatime - overlay overlay rw
99 28 0:54 / /cache/build/with\\040blank rw,relatime - tmpfs tmpfs rw
`;

test("mount points below a directory, the innermost first, names decoded", () => {
  assert.deepEqual(mountPointsBelow(MOUNT_INFO, "/cache/build"), [
    "/cache/build/with blank",
    "/cache/build/root/overlay/abc/merged",
    "/cache/build/root/overlay",
  ]);
});
