/**
 * Opens a session for a user, prints the URL to send them to, and what happens until the session has ended.
 *
 *   node packages/client/src/example/main.ts --nats nats://127.0.0.1:4222 --tenant demo --password-file ./password \
 *     --template terminal --user alice
 */
import { parseArgs } from "node:util";
import { ApiError, CarrelClient } from "@carrel/client";

const { values } = parseArgs({
  options: {
    nats: { type: "string", default: "nats://127.0.0.1:4222" },
    tenant: { type: "string", default: "demo" },
    "password-file": { type: "string" },
    template: { type: "string", default: "terminal" },
    user: { type: "string", default: "alice" },
  },
});
const passwordFile = values["password-file"];
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

try {
  await using carrel = await CarrelClient.connect({
    servers: [values.nats],
    tenant: values.tenant,
    ...(passwordFile === undefined ? {} : { credentials: { user: values.tenant, passwordFile } }),
  });

  // In a web application the key is the id of what the user did, kept with it: a retry after a crash finds the session.
  const idempotencyKey = crypto.randomUUID();
  await using events = carrel.watchEvents({ session: carrel.sessionNameOf(idempotencyKey) });
  const { session, loginUrl } = await carrel.createSession(
    { template: values.template, user: { id: values.user } },
    { idempotencyKey },
  );
  print(`session ${session.name} is ${session.state} until ${session.expiresAt}`);
  if (loginUrl !== undefined) print(`send the user to ${loginUrl}`);

  for await (const event of events) {
    if (event.type === "gap")
      print(`events may have been missed; now it is ${(await carrel.getSession(session.name)).state}`);
    else print(`${event.event}${event.view.endReason === undefined ? "" : ` (${event.view.endReason})`}`);
    if (event.type === "event" && event.event === "ended") break;
  }
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  print(`${error.code}: ${error.message}${error.retryable ? " (may be tried again)" : ""}`);
  process.exitCode = 1;
}
