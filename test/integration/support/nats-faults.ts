import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ApiError, HEADERS, subjects, type CreateRequest, type Session, type SessionView } from "@carrel/api";
import { CarrelClient } from "@carrel/client";
import { SESSIONS } from "@carrel/kube";
import type { Enqueued, Messaging } from "@carrel/messaging";
import {
  reportReady,
  startSessionServices,
  type SessionServices,
  type SessionServicesOptions,
} from "@carrel/servicekit";
import { eventually } from "@carrel/testkit";

/** The answer about a session. */
export interface Answer {
  readonly session: SessionView;
  readonly token?: string;
}

/** Services whose NATS the tests break, and the tenant `acme` in front of them. */
export interface FaultyServices extends AsyncDisposable {
  readonly services: SessionServices;
  /** The client of SaaS backends, with its retries. */
  readonly client: CarrelClient;
  /** The same tenant without any retry. */
  readonly acme: Messaging;
  /** Applies a template of its own for a test. */
  readonly template: SessionServices["template"];
  /** Leaves a create in the queue. */
  readonly enqueue: (key: string, request: CreateRequest, answerTimeoutMs?: number) => Promise<Enqueued<Answer>>;
  /** The sessions that were made from a template, whoever asked. */
  readonly sessionsOf: (template: string) => Promise<readonly Session[]>;
  /** Waits for so many sessions of a template and reports their desks ready. */
  readonly makeReady: (template: string, count: number) => Promise<void>;
}

export async function startFaultyServices(options: SessionServicesOptions = {}): Promise<FaultyServices> {
  const services = await startSessionServices({ jetstream: true, ...options });
  const { nats } = services;
  const client = await CarrelClient.connect({
    servers: [nats.url],
    tenant: "acme",
    credentials: { user: "acme", password: nats.credentials("acme").pass },
  });
  const acme = await services.backend("acme");
  const sessionsOf = async (template: string): Promise<readonly Session[]> =>
    (await services.client.list(SESSIONS)).items.filter(({ spec }) => spec.template.name === template);
  return {
    services,
    client,
    acme,
    sessionsOf,
    template: services.template,
    enqueue: (key, request, answerTimeoutMs = 120_000) =>
      acme.enqueue(subjects.asyncCreate("acme"), request, {
        headers: { [HEADERS.idempotencyKey]: key },
        answerTimeoutMs,
      }),
    makeReady: async (template, count) => {
      const made = await eventually(
        async () => {
          const sessions = await sessionsOf(template);
          assert.equal(sessions.length, count);
          return sessions;
        },
        { timeoutMs: 60_000 },
      );
      await Promise.all(made.map(({ spec }) => reportReady(services.client, spec.workspace)));
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await services[Symbol.asyncDispose]();
    },
  };
}

/** The code of the error, or `OK`. */
export async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return "OK";
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error.code;
  }
}

/** A key that nobody has used. */
export const freshKey = (): string => randomUUID();

/** A user of whom nobody has heard: caps per user are none of these tests' business. */
export const someone = (): { readonly id: string } => ({ id: randomUUID() });

/** Waits until a connection is there (again). */
export async function connectedAgain(...connections: readonly { connected(): boolean }[]): Promise<void> {
  await eventually(() => assert.ok(connections.every((one) => one.connected())), { timeoutMs: 20_000 });
}
