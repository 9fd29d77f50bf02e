import assert from "node:assert/strict";
import { test } from "node:test";
import { renderVariables } from "@carrel/template";
import { aContext } from "./testing/a-context.ts";

test("templates know the workspace's UID, which no stored variable can hold", () => {
  const { variables } = aContext();
  assert.equal(renderVariables("$(workspace.uid)", variables), "workspace-uid");
});
