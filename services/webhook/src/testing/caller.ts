import { Agent, request } from "node:https";
import { stringAt } from "../review/json-object.ts";

/** What an API server answered. */
export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON; the text when it is none. */
  readonly body: unknown;
  /** `message` of a Status; else empty. */
  readonly message: string;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
}

/** How a {@link Caller} proves who it is. */
export type Credentials = { readonly token: string } | { readonly cert: string; readonly key: string };

/** Somebody who talks to an API server in plain HTTP, so that a test sees what a user sees: status, text, warnings. */
export class Caller implements Disposable {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #authorization: Readonly<Record<string, string>>;

  constructor(server: string, ca: string, credentials: Credentials) {
    this.#server = server;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 16, ca, ...("cert" in credentials ? credentials : {}) });
    this.#authorization = "token" in credentials ? { authorization: `Bearer ${credentials.token}` } : {};
  }

  async ask(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<ApiAnswer> {
    const bytes = body === undefined ? undefined : JSON.stringify(body);
    return await new Promise((resolve, reject) => {
      const headers = {
        accept: "application/json",
        ...this.#authorization,
        ...(bytes === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(bytes) }),
      };
      const outgoing = request(new URL(path, this.#server), { method, agent: this.#agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("error", reject);
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const parsed = parse(Buffer.concat(chunks).toString("utf8"));
          resolve({
            status: incoming.statusCode ?? 0,
            body: parsed,
            message: stringAt(parsed, "message") ?? "",
            warnings: warningsOf(incoming.rawHeaders),
          });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(bytes);
    });
  }

  async create(path: string, object: unknown): Promise<ApiAnswer> {
    return await this.ask("POST", path, object);
  }

  /** A JSON merge patch. */
  async patch(path: string, patch: unknown): Promise<ApiAnswer> {
    return await this.ask("PATCH", path, patch, "application/merge-patch+json");
  }

  async delete(path: string): Promise<ApiAnswer> {
    return await this.ask("DELETE", path);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { message: text };
  }
}

/** RFC 7234, section 5.5: `299 - "text"`. */
function warningsOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((name, index) => {
    if (index % 2 === 1 || name.toLowerCase() !== "warning") return [];
    const text = /^\d{3} \S+ "(.*)"$/.exec(rawHeaders[index + 1] ?? "")?.[1] ?? "";
    return [text.replaceAll(/\\(.)/g, "$1")];
  });
}
