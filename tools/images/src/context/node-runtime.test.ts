import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageError } from "../image-error.ts";
import { librariesOf } from "./node-runtime.ts";

test("the libraries in ldd's output, with the loader and without the kernel's own", () => {
  const output = `\tlinux-vdso.so.1 (0x00007ffe1b7c3000)
\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f1c8c5a0000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1c8c000000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f1c8c5c0000)
`;
  assert.deepEqual(librariesOf(output), [
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});

test("a library that is missing is an error, not an image that does not start", () => {
  assert.throws(() => librariesOf("\tlibatomic.so.1 => not found\n"), ImageError);
});
