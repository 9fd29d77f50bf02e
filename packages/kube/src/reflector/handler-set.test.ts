import assert from "node:assert/strict";
import { test } from "node:test";
import { HandlerSet } from "./handler-set.ts";

test("a handler that throws, or rejects, stops neither the others nor the caller", async () => {
  const errors: string[] = [];
  const heard: string[] = [];
  const handlers = new HandlerSet<string>((error) => errors.push((error as Error).message));
  handlers.add({
    onAdd: () => {
      throw new Error("thrown");
    },
  });
  const rejecting = (): Promise<void> => Promise.reject(new Error("rejected"));
  // TypeScript takes a function that returns a promise for one that returns void when it does not see it made.
  handlers.add({ onAdd: rejecting as () => void });
  const registration = handlers.add({ onAdd: (object, fromList) => heard.push(`${object} ${fromList}`) });
  handlers.tellAll({ type: "added", object: "x" }, true);
  await Promise.resolve();
  assert.deepEqual(heard, ["x true"]);
  assert.deepEqual(errors, ["thrown", "rejected"]);

  registration[Symbol.dispose]();
  handlers.tellAll({ type: "added", object: "y" }, false);
  assert.equal(heard.length, 1);
});
