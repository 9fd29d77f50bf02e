import { Agent, request } from "node:https";
import { deadlineSignal } from "@carrel/std";
import type { Kubeconfig } from "../certificates/kubeconfig.ts";
import { ClusterError } from "../cluster-error.ts";

/** One request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE" | "PUT";
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** Default 15 s. */
  readonly timeoutMs?: number;
}

/** Status and text of an answer, whatever the status is. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * A few requests to an API server: what a launcher needs to see readiness and apply its own manifests, and no more.
 * Keeps its connections; dispose it to close them.
 */
export interface ApiClient extends Disposable {
  /** Sends a request and gives the answer, also for error statuses. @throws when there is no answer at all. */
  send(apiRequest: ApiRequest): Promise<ApiAnswer>;
  /** Gives the decoded object. @throws ClusterError `API_REFUSED` for a status other than 2xx. */
  json<T>(apiRequest: ApiRequest): Promise<T>;
}

/** Makes a client that authenticates as the kubeconfig's user. */
export function createApiClient(kubeconfig: Kubeconfig): ApiClient {
  const { server, "certificate-authority-data": ca } = kubeconfig.clusters[0].cluster;
  const { "client-certificate-data": cert, "client-key-data": key } = kubeconfig.users[0].user;
  const decode = (text: string): Buffer => Buffer.from(text, "base64");
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: decode(ca), cert: decode(cert), key: decode(key) });

  const send = (apiRequest: ApiRequest): Promise<ApiAnswer> =>
    new Promise((resolve, reject) => {
      const payload = apiRequest.body === undefined ? undefined : JSON.stringify(apiRequest.body);
      const outgoing = request(new URL(apiRequest.path, server), {
        agent,
        method: apiRequest.method,
        signal: deadlineSignal(apiRequest.timeoutMs ?? 15_000, apiRequest.signal),
        headers: {
          accept: "application/json",
          ...(payload === undefined ? {} : { "content-type": apiRequest.contentType ?? "application/json" }),
        },
      });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      outgoing.end(payload);
    });

  return {
    send,
    async json<T>(apiRequest: ApiRequest) {
      const answer = await send(apiRequest);
      if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.text) as T;
      const reason = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(answer.text)?.[1] ?? "";
      const { method, path } = apiRequest;
      throw new ClusterError("API_REFUSED", `${method} ${path} was answered ${answer.status}: ${reason}`);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
