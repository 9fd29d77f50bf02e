import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { systemClock } from "@carrel/std";
import { applyBodyFaults, type Body, isLineFault } from "./body-faults.ts";
import { endSocket, type Connection } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { Interruption } from "./interruption.ts";
import type { OpenRequest } from "./request-log.ts";
import { statusObject } from "./status-object.ts";
import { endToEndHeaders, type Upstream } from "./upstream.ts";
import type { Valve } from "./valve.ts";

/** One request on its way through the proxy. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly entry: OpenRequest;
  readonly faults: readonly Fault[];
  readonly upstream: Upstream;
  readonly valve: Valve;
  readonly random: () => number;
}

/** Carries one request to the API server and its answer back, with its faults. Never rejects. */
export async function carry(exchange: Exchange): Promise<void> {
  const { response, connection, entry } = exchange;
  const gone = new AbortController();
  response.on("close", () => gone.abort(new Error("the client has gone")));
  response.on("error", () => undefined);
  try {
    await run(exchange, gone.signal);
    if (entry.outcome === "open") entry.outcome = "answered";
  } catch (error) {
    if (gone.signal.aborted) entry.outcome = "left";
    else if (error instanceof Interruption && error.how === "freeze") {
      await once(response, "close");
      entry.outcome = "left";
    } else {
      const how = error instanceof Interruption && error.how === "reset" ? "reset" : "cut";
      // An API server that cannot be reached, or ends in the middle, looks like a cut too.
      entry.outcome = error instanceof Interruption ? how : "left";
      endSocket(connection.socket, how);
    }
  }
}

async function run(exchange: Exchange, signal: AbortSignal): Promise<void> {
  const { faults, valve } = exchange;
  for (const fault of faults) {
    if (fault.kind === "delay") await systemClock.sleep(fault.ms, signal);
    else if (fault.kind === "black-hole") throw new Interruption("freeze");
    else if (fault.kind === "reset") throw new Interruption("reset");
    else if (fault.kind === "status") return answerStatus(exchange, fault);
  }
  await valve.pass(signal);
  const answer = await sendUpstream(exchange, signal);
  if (faults.some((fault) => fault.kind === "reset-after-answer")) {
    await buffer(answer);
    exchange.entry.status = answer.statusCode;
    throw new Interruption("reset");
  }
  await valve.pass(signal);
  await sendAnswer(exchange, answer, signal);
}

async function answerStatus(exchange: Exchange, fault: Extract<Fault, { kind: "status" }>): Promise<void> {
  const { request, response, entry } = exchange;
  const { code, reason, retryAfterSeconds } = fault;
  // The client may wait with reading until its body has been taken.
  await buffer(request);
  entry.status = code;
  const message = `injected: ${reason}`;
  const body = JSON.stringify(statusObject(code, reason, message, retryAfterSeconds));
  response.writeHead(code, {
    "content-type": "application/json",
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  });
  response.end(body);
  entry.bytes = Buffer.byteLength(body);
}

async function sendUpstream(exchange: Exchange, signal: AbortSignal): Promise<IncomingMessage> {
  const { request, upstream, faults } = exchange;
  const headers = endToEndHeaders(request.rawHeaders, faults.some(isLineFault) ? ["accept-encoding"] : []);
  headers.push("Host", `${upstream.options.hostname}:${upstream.options.port}`);
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  const outgoing = httpsRequest({
    ...upstream.options,
    method: request.method,
    path: request.url,
    headers,
    signal,
  });
  const [answered, failed] = [once(outgoing, "response"), once(outgoing, "error")];
  // After the answer has begun, what goes wrong is seen by whoever reads it.
  outgoing.on("error", () => undefined);
  request.pipe(outgoing);
  const [first] = (await Promise.race([answered, failed])) as [IncomingMessage | Error];
  for (const pending of [answered, failed]) pending.catch(() => undefined);
  if (first instanceof Error) throw first;
  return first;
}

async function sendAnswer(exchange: Exchange, answer: IncomingMessage, signal: AbortSignal): Promise<void> {
  const { response, entry, faults, valve, random } = exchange;
  const dropped = faults.some(isLineFault) ? ["content-length"] : [];
  const headers = endToEndHeaders(answer.rawHeaders, dropped);
  for (const fault of faults) if (fault.kind === "date") skewDate(headers, fault.skewMs);
  entry.status = answer.statusCode;
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, headers);
  // A quiet watch has no body to bring its head along.
  response.flushHeaders();
  const stop = (): void => void answer.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const body: Body = applyBodyFaults(answer, faults, random, signal);
    for await (const chunk of body) {
      await valve.pass(signal);
      signal.throwIfAborted();
      await write(response, chunk);
      entry.bytes += chunk.length;
    }
    response.end();
  } finally {
    signal.removeEventListener("abort", stop);
    answer.destroy();
  }
}

/** Resolves when the kernel has taken the chunk: a cut right after it cannot lose it. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(chunk, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

function skewDate(headers: string[], skewMs: number): void {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() !== "date") continue;
    headers[at + 1] = new Date(Date.parse(headers[at + 1] ?? "") + skewMs).toUTCString();
  }
}
