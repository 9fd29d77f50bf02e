import assert from "node:assert/strict";
import { test } from "node:test";
import { secretParametersName } from "@carrel/api";
import { isNotFound, NAMESPACES, SECRETS, SESSIONS } from "@carrel/kube";
import { eventually, uniqueName } from "@carrel/testkit";
import { startReaperBench } from "./support/reaper-bench.ts";

test(
  "what a session was told in confidence goes at its end, though its record stays",
  { timeout: 120_000 },
  async (t) => {
    const namespace = uniqueName("parameters");
    await using bench = await startReaperBench(t, { CARREL_PARAMETERS_NAMESPACE: namespace });
    const { client, proxy } = bench;
    await client.create(NAMESPACES, { metadata: { name: namespace } });
    const [told, silent] = [await bench.standingSession(), await bench.standingSession()];
    const { name } = told.session.metadata;
    await client.mergePatch(SESSIONS, name, { spec: { secretParameters: ["apiKey"] } });
    const secret = secretParametersName(name);
    await client.create(SECRETS, { metadata: { name: secret, namespace }, data: { apiKey: "eA==" } });
    for (const { session } of [told, silent]) await bench.end(session);
    for (const { session } of [told, silent]) {
      await eventually(
        async () => assert.equal((await client.get(SESSIONS, session.metadata.name)).status?.phase, "Ended"),
        { timeoutMs: 60_000 },
      );
    }
    await assert.rejects(client.get(SECRETS, secret, { namespace }), isNotFound);
    const calls = proxy.requests({ userAgent: /^carrel-reaper/, path: /\/secrets\// });
    assert.deepEqual(
      calls.map(({ method }) => method),
      ["DELETE"],
      "one call, and none for a session without secrets",
    );
  },
);
