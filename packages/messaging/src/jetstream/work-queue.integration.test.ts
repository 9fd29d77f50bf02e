import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, HEADERS, STREAMS, subjects } from "@carrel/api";
import { eventually, startNatsServer } from "@carrel/testkit";
import { connectedAs } from "../testing/connected.ts";
import {
  anyObject,
  countIn,
  createsLayout,
  keyed,
  onlyDeadLetter,
  streamsOf,
  workOn,
} from "../testing/create-queue.ts";
import { NoAnswerError, RemoteError } from "../errors.ts";
import type { SettledRequest } from "./work-queue-options.ts";

const accounts = { tenants: ["acme", "globex"] };
const subject = subjects.asyncCreate("acme");

const soon = { answerTimeoutMs: 20_000 };

/** How a request was answered: a body, or a code. */
async function outcome(answer: Promise<object>): Promise<unknown> {
  try {
    const { requestId: _, ok: __, ...body } = (await answer) as Record<string, unknown>;
    return body;
  } catch (error) {
    assert.ok(error instanceof RemoteError, String(error));
    return error.code;
  }
}

test("a request is kept until somebody works on it, is answered, and leaves the queue", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using acme = await connectedAs(server, "acme");
  {
    await using provisioner = await connectedAs(server, "provisioner");
    await using _queue = await workOn(provisioner, async () => ({}));
  }
  // Nobody is there now; the server is even killed.
  const queued = await acme.enqueue(subject, { template: "lab" }, { headers: keyed("k1"), ...soon });
  assert.equal(await countIn(streams, STREAMS.creates), 1);
  await server.restart();

  await using provisioner = await connectedAs(server, "provisioner");
  const seen: unknown[] = [];
  await using queue = await workOn(provisioner, async ({ tenant, body, idempotencyKey }) => {
    seen.push({ tenant, body, idempotencyKey });
    return { session: { name: "s1" } };
  });
  assert.deepEqual(await outcome(queued.answer), { session: { name: "s1" } });
  // The sender asks again when it is connected again: the first answer may have come too early for it.
  assert.deepEqual(seen[0], { tenant: "acme", body: { template: "lab" }, idempotencyKey: "k1" });
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.creates), 0));
  assert.equal(await countIn(streams, STREAMS.deadLetters), 0);
  await eventually(() => assert.equal(queue.inFlight(), 0));
});

test("a handler that takes longer than ack_wait keeps its request to itself", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using one = await connectedAs(server, "provisioner");
  await using two = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  let calls = 0;
  const slow = async (): Promise<object> => {
    calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 3 * createsLayout.ackWaitMs));
    return { done: true };
  };
  await using _one = await workOn(one, slow);
  await using _two = await workOn(two, slow);
  const queued = await acme.enqueue(subject, {}, { headers: keyed("slow"), ...soon });
  assert.deepEqual(await outcome(queued.answer), { done: true });
  assert.equal(calls, 1);
});

test("a retryable error puts the request back until it works", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const settled: SettledRequest[] = [];
  let tries = 0;
  await using _queue = await workOn(
    provisioner,
    async () => {
      tries += 1;
      if (tries < 3) throw new ApiError("NO_CAPACITY", "full", { retryAfterMs: 300 });
      return { tries };
    },
    { onSettled: (one) => settled.push(one) },
  );
  const queued = await acme.enqueue(subject, {}, { headers: keyed("busy"), answerTimeoutMs: 20_000 });
  assert.deepEqual(await outcome(queued.answer), { tries: 3 });
  await eventually(() =>
    assert.deepEqual(
      settled.map((one) => [one.outcome, one.retried]),
      [
        ["NO_CAPACITY", true],
        ["NO_CAPACITY", true],
        ["OK", false],
      ],
    ),
  );
  assert.equal(await countIn(streams, STREAMS.deadLetters), 0);
});

test("a retryable error that lasts is answered before the deadline, and kept as a dead letter", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using _queue = await workOn(provisioner, () => Promise.reject(new ApiError("UNAVAILABLE", "no API server")));
  const queued = await acme.enqueue(subject, { template: "lab" }, { headers: keyed("lost"), answerTimeoutMs: 3000 });
  assert.equal(await outcome(queued.answer), "UNAVAILABLE");
  const letter = await onlyDeadLetter(streams);
  assert.equal((letter["error"] as { code: string }).code, "UNAVAILABLE");
  assert.equal(letter["tenant"], "acme");
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.creates), 0));
});

test("a request whose deadline has passed is answered EXPIRED and reaches no handler", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  let calls = 0;
  await using _queue = await workOn(provisioner, async () => {
    calls += 1;
    return {};
  });
  const headers = { ...keyed("late"), [HEADERS.deadline]: String(Date.now() - 1) };
  const queued = await acme.enqueue(subject, {}, { headers, answerTimeoutMs: 10_000 });
  assert.equal(await outcome(queued.answer), "EXPIRED");
  assert.equal(calls, 0);
  assert.equal(((await onlyDeadLetter(streams))["error"] as { code: string }).code, "EXPIRED");
});

test("without an inbox for the answer the work is done all the same", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const done: unknown[] = [];
  await using _queue = await workOn(provisioner, async ({ body }) => {
    done.push(body);
    return {};
  });
  using _queued = await acme.enqueue(
    subject,
    { n: 1 },
    { headers: { ...keyed("quiet"), [HEADERS.replyTo]: undefined } },
  );
  await eventually(() => assert.deepEqual(done, [{ n: 1 }]));
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.creates), 0));
});

test("when a queue stops, what it has not done goes to another at once, unanswered", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using one = await connectedAs(server, "provisioner");
  await using two = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const started = Promise.withResolvers<void>();
  const first = await workOn(one, ({ signal }) => {
    started.resolve();
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  const queued = await acme.enqueue(subject, {}, { headers: keyed("moved"), ...soon });
  await started.promise;
  await using _second = await workOn(two, async () => ({ by: "two" }));
  await first.close(10);
  assert.equal(first.inFlight(), 0);
  assert.deepEqual(await outcome(queued.answer), { by: "two" });
});

test("a full queue refuses at once; one tenant can fill only its share", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using globex = await connectedAs(server, "globex");
  const queue = await workOn(provisioner, async () => ({}), { maxMessages: 4, maxMessagesPerTenant: 3 });
  await queue.close();
  for (let n = 0; n < 3; n++) (await acme.enqueue(subject, { n }, { headers: keyed(`${n}`) }))[Symbol.dispose]();
  const full = (error: unknown): boolean =>
    error instanceof ApiError && !(error instanceof NoAnswerError) && error.code === "UNAVAILABLE" && error.retryable;
  await assert.rejects(acme.enqueue(subject, {}), full);
  (await globex.enqueue(subjects.asyncCreate("globex"), {}))[Symbol.dispose]();
  await assert.rejects(globex.enqueue(subjects.asyncCreate("globex"), {}), full);
  await assert.rejects(
    acme.enqueue(subject, { big: "x".repeat(200_000) }),
    (error: ApiError) => error.code === "INVALID",
  );
});

test("without JetStream the queue says so, and begins when there is one", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using queue = provisioner.workQueue({ ...createsLayout, schema: anyObject, handle: async () => ({ n: 1 }) });
  await eventually(() => assert.match(queue.problem() ?? "", /no JetStream/));
  await assert.rejects(
    acme.enqueue(subject, {}),
    (error: unknown) => error instanceof NoAnswerError && error.why === "no-responders",
  );
  await server.restart({ jetstream: true });
  await eventually(() => assert.equal(queue.problem(), undefined), { timeoutMs: 20_000 });
  await eventually(() => assert.equal(acme.connected(), true));
  const queued = await acme.enqueue(subject, {}, soon);
  assert.deepEqual(await outcome(queued.answer), { n: 1 });
});
