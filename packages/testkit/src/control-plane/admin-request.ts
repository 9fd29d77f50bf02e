import { request } from "node:https";
import type { ControlPlane } from "@carrel/cluster";
import { deadlineSignal } from "@carrel/std";
import { TestkitError } from "../testkit-error.ts";

/** One request that a set-up step makes. */
export interface AdminRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 15_000;

/**
 * Asks an API server directly, as its administrator and past every client that is under test: to prepare a test and
 * to see what is really stored.
 * @throws TestkitError `API_REFUSED` with status and message for an answer other than 2xx.
 */
export async function adminRequest<T>(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  { method, path, body, contentType = "application/json", signal }: AdminRequest,
): Promise<T> {
  const { server, "certificate-authority-data": ca } = controlPlane.kubeconfig.clusters[0].cluster;
  const { "client-certificate-data": cert, "client-key-data": key } = controlPlane.kubeconfig.users[0].user;
  const decode = (text: string): Buffer => Buffer.from(text, "base64");
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = request(new URL(path, server), {
      // A connection of its own: nothing stays open after the test.
      agent: false,
      method,
      ca: decode(ca),
      cert: decode(cert),
      key: decode(key),
      signal: deadlineSignal(TIMEOUT_MS, signal),
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": contentType }) },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
  const isJson = /^\s*[{[]/.test(text);
  if (status < 200 || status > 299) {
    const said = isJson ? (JSON.parse(text) as { message?: string }).message : text;
    throw new TestkitError("API_REFUSED", `${method} ${path} was answered ${status}: ${said ?? ""}`);
  }
  return (isJson ? JSON.parse(text) : text) as T;
}
