import { ApiError, type SessionView } from "@carrel/api";
import type { CarrelClient, SessionAnswer } from "@carrel/client";
import { systemClock } from "@carrel/std";
import { OUTPUT, OUTPUT_HELP, printOutput } from "../output/output.ts";
import { openBrowser } from "../session/open-browser.ts";
import { answerText, sessionTable } from "../session/session-table.ts";
import { BACKEND, BACKEND_HELP, withBackend } from "../session/with-backend.ts";
import { UsageError } from "./usage-error.ts";
import { commandOf, required, verb } from "./verb.ts";

const COMMON = { ...BACKEND, ...OUTPUT } as const;

/** A verb about one session that answers with it. */
const one = (ask: (backend: CarrelClient, name: string, signal: AbortSignal) => Promise<SessionAnswer>) =>
  verb(COMMON, 1, async ({ values, positionals }, signal) => {
    const name = required(positionals, "the session's name; `carrel session list` shows them");
    await withBackend(values, signal, async (backend) => {
      const answer = await ask(backend, name, signal);
      printOutput(values.output, answer, () => answerText(answer));
    });
  });

const create = verb(
  {
    ...COMMON,
    template: { type: "string" },
    user: { type: "string" },
    name: { type: "string" },
    email: { type: "string" },
    param: { type: "string", multiple: true, default: [] },
    duration: { type: "string" },
    key: { type: "string" },
    wait: { type: "string", default: "ready" },
    timeout: { type: "string", default: "120" },
    open: { type: "boolean", default: false },
  },
  0,
  async ({ values }, signal) => {
    const { template, user, name, email, duration, wait } = values;
    if (template === undefined || user === undefined)
      throw new UsageError("session create needs --template and --user");
    if (wait !== "ready" && wait !== "accepted") throw new UsageError(`--wait ${wait}: there are ready and accepted`);
    const seconds = Number(values.timeout);
    if (!(seconds > 0)) throw new UsageError(`--timeout ${values.timeout}: give seconds`);
    const request = {
      template,
      user: { id: user, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) },
      parameters: Object.fromEntries(values.param.map(splitParameter)),
      ...(duration === undefined ? {} : { duration }),
      wait,
    } as const;
    await withBackend(values, signal, async (backend) => {
      const key = values.key === undefined ? {} : { idempotencyKey: values.key };
      const answer = await backend.createSession(request, {
        deadlineMs: systemClock.now() + seconds * 1000,
        signal,
        ...key,
      });
      printOutput(values.output, answer, () => answerText(answer));
      if (wait === "ready" && answer.loginUrl === undefined)
        throw new ApiError("PENDING", `session ${answer.session.name} is ${answer.session.state}, not ready`);
      if (values.open && answer.loginUrl !== undefined) await openBrowser(answer.loginUrl);
    });
  },
);

const list = verb(
  { ...COMMON, user: { type: "string" }, ended: { type: "boolean", default: false } },
  0,
  async ({ values }, signal) => {
    await withBackend(values, signal, async (backend) => {
      const user = values.user === undefined ? {} : { user: values.user };
      const sessions: SessionView[] = [];
      for await (const found of backend.listSessions({ includeEnded: values.ended, ...user }, { signal }))
        sessions.push(found);
      printOutput(values.output, sessions, () => sessionTable(sessions));
    });
  },
);

const extend = verb(
  { ...COMMON, by: { type: "string" }, key: { type: "string" } },
  1,
  async ({ values, positionals }, signal) => {
    const name = required(positionals, "the session's name; `carrel session list` shows them");
    await withBackend(values, signal, async (backend) => {
      const session = await backend.extendSession(name, {
        signal,
        ...(values.by === undefined ? {} : { by: values.by }),
        ...(values.key === undefined ? {} : { idempotencyKey: values.key }),
      });
      printOutput(values.output, { session }, () => answerText({ session }));
    });
  },
);

const events = verb(COMMON, 1, async ({ values, positionals: [name] }, signal) => {
  await withBackend(values, signal, async (backend) => {
    await using stream = backend.watchEvents({ signal, ...(name === undefined ? {} : { session: name }) });
    for await (const event of stream) {
      const line = { ...event, at: new Date(systemClock.now()).toISOString() };
      // A stream has no end: one JSON object a line, or one YAML document an event.
      if (values.output === "json") process.stdout.write(`${JSON.stringify(line)}\n`);
      else
        printOutput(values.output, line, () =>
          event.type === "gap"
            ? `${line.at}   events may have been missed (${event.reason})`
            : `${line.at}   ${event.session}   ${event.event}   ${event.view.endReason ?? event.view.reason ?? ""}`.trimEnd(),
        );
      if (event.type === "event" && event.event === "ended" && name !== undefined) return;
    }
  });
});

export const session = commandOf("session", {
  summary: "create, get, list, extend, end, revoke sessions; a token for one; events",
  help: `carrel session create --template NAME --user ID [--name NAME] [--email ADDRESS] [--param KEY=VALUE]...
                      [--duration 90m] [--key KEY] [--wait ready|accepted] [--timeout SECONDS] [--open]
carrel session get NAME
carrel session list [--user ID] [--ended]
carrel session extend NAME [--by 30m] [--key KEY]
carrel session end NAME
carrel session revoke NAME      voids every token so far; the session goes on
carrel session token NAME       a fresh URL to enter it
carrel session events [NAME]    what happens, until Ctrl-C or the session's end

Talks to the provisioner over NATS, as the tenant's backend does.

${BACKEND_HELP}
${OUTPUT_HELP}

Exit codes: 0 done, 1 failed, 2 typed wrong, 3 refused (no retry helps), 4 not now (the same may work later)
`,
  verbs: {
    create,
    get: one(async (backend, name, signal) => ({ session: await backend.getSession(name, { signal }) })),
    list,
    extend,
    end: one(async (backend, name, signal) => ({ session: await backend.endSession(name, { signal }) })),
    revoke: one(async (backend, name, signal) => ({ session: await backend.revokeSession(name, { signal }) })),
    token: one((backend, name, signal) => backend.sessionToken(name, { signal })),
    events,
  },
});

function splitParameter(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--param ${text}: write KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
