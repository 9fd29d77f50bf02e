import { splitCookies } from "./cookie-header.ts";
import type { HeadProblem } from "./head-problem.ts";
import { splitSubprotocols } from "./subprotocols.ts";
import { stripToken } from "./raw-query.ts";

/** What arrives: the parts of node:http's IncomingMessage that decisions may depend on. */
export interface RawRequest {
  readonly method: string;
  /** The request target as it came. */
  readonly target: string;
  readonly httpVersion: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** True for a WebSocket upgrade. */
  readonly upgrade: boolean;
}

/**
 * How the client wants its answer: a page that a person looks at, an answer for a script, an event stream, or a
 * WebSocket handshake.
 */
export type RequestKind = "navigation" | "fetch" | "events" | "websocket";

/** A request whose form is good, read in one pass. Nothing of it is trusted yet. */
export interface RequestHead extends RawRequest {
  readonly kind: RequestKind;
  /** The one Host header. */
  readonly host: string;
  /** The target without our query parameter: what the pod gets. */
  readonly podTarget: string;
  /** Value of our query parameter. */
  readonly queryToken?: string;
  /** Values of our cookie. */
  readonly cookies: readonly string[];
  /** The other cookies, on one line; empty when there are none. */
  readonly otherCookies: string;
  readonly authorization?: string;
  /** Session token of an upgrade, sent as a subprotocol. */
  readonly subprotocolToken?: string;
  /** The other subprotocols. */
  readonly otherSubprotocols: readonly string[];
  readonly websocketKey?: string;
  readonly origin?: string;
  readonly fetchSite?: string;
  readonly forwardedFor?: string;
  /** A browser fetches ahead: nobody has asked for the page yet. */
  readonly prefetch: boolean;
  /** Names, in lower case, that the Connection header declares to be meant for us only. */
  readonly connectionNames: readonly string[];
  readonly body: "none" | "sized" | "chunked";
  /** Declared length of a sized body, in bytes. */
  readonly contentLength: number;
  readonly acceptsHtml: boolean;
}

/** How our proxy names itself in Via (RFC 9110 §7.6.3). */
export const VIA_NAME = "carrel";
const MAX_HEADERS = 200;

/**
 * Reads a request head and refuses what the parser lets through although it is ambiguous or not for a proxy: two Host
 * or Authorization headers (node:http keeps the first), an absolute target, transfer codings besides `chunked`,
 * transfer coding on HTTP/1.0, our own name in Via, and so on. node:http's strict parser has refused the rest.
 */
export function readHead(raw: RawRequest): RequestHead | HeadProblem {
  const seen = new HeaderScan(raw.rawHeaders);
  const problem = targetProblem(raw) ?? seen.problem(raw);
  if (problem !== undefined) return problem;
  const { target: podTarget, token } = stripToken(raw.target);
  const { own, others } = splitCookies(seen.cookie);
  const protocols = splitSubprotocols(seen.subprotocols);
  const optional = {
    ...(token === undefined ? {} : { queryToken: token }),
    ...(seen.authorization === undefined ? {} : { authorization: seen.authorization }),
    ...(protocols.token === undefined ? {} : { subprotocolToken: protocols.token }),
    ...(seen.websocketKey === undefined ? {} : { websocketKey: seen.websocketKey }),
    ...(seen.origin === undefined ? {} : { origin: seen.origin }),
    ...(seen.fetchSite === undefined ? {} : { fetchSite: seen.fetchSite }),
    ...(seen.forwardedFor === undefined ? {} : { forwardedFor: seen.forwardedFor }),
  };
  const contentLength = Number(seen.contentLength ?? 0);
  return {
    method: raw.method,
    target: raw.target,
    httpVersion: raw.httpVersion,
    rawHeaders: raw.rawHeaders,
    upgrade: raw.upgrade,
    kind: kindOf(raw, seen),
    host: seen.host ?? "",
    podTarget,
    cookies: own,
    otherCookies: others,
    otherSubprotocols: protocols.others,
    prefetch: seen.prefetch,
    connectionNames: seen.connectionNames,
    body: seen.transferEncoding !== undefined ? "chunked" : contentLength > 0 ? "sized" : "none",
    contentLength,
    acceptsHtml: seen.acceptsHtml,
    ...optional,
  };
}

function targetProblem({ target, method }: RawRequest): HeadProblem | undefined {
  if (method === "TRACE") return { status: 405, code: "INVALID", message: "The method TRACE is not allowed." };
  if (target.charCodeAt(0) !== 0x2f || target.includes("#") || target.includes("\\")) {
    return { status: 400, code: "INVALID", message: "The request target must be a path that starts with one slash." };
  }
  return undefined;
}

function kindOf({ method, upgrade }: RawRequest, seen: HeaderScan): RequestKind {
  if (upgrade) return "websocket";
  if (seen.acceptsEvents) return "events";
  if (seen.fetchMode !== undefined) return seen.fetchMode === "navigate" ? "navigation" : "fetch";
  return (method === "GET" || method === "HEAD") && seen.acceptsHtml ? "navigation" : "fetch";
}

const duplicates = new Set(["host", "authorization", "origin", "content-length", "transfer-encoding"]);
const websocketDuplicates = new Set(["sec-websocket-key", "sec-websocket-version", "upgrade"]);

/** One pass over raw headers. */
class HeaderScan {
  host: string | undefined;
  cookie = "";
  authorization: string | undefined;
  subprotocols = "";
  websocketKey: string | undefined;
  websocketVersion: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
  fetchMode: string | undefined;
  forwardedFor: string | undefined;
  transferEncoding: string | undefined;
  contentLength: string | undefined;
  prefetch = false;
  acceptsHtml = false;
  acceptsEvents = false;
  connectionNames: string[] = [];
  #loops = false;
  #twice: string | undefined;
  readonly #count: number;

  constructor(rawHeaders: readonly string[]) {
    this.#count = rawHeaders.length / 2;
    const single = new Set<string>();
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = (rawHeaders[index] ?? "").toLowerCase();
      if (duplicates.has(name) || websocketDuplicates.has(name)) {
        if (single.has(name)) this.#twice = name;
        single.add(name);
      }
      this.#take(name, rawHeaders[index + 1] ?? "");
    }
  }

  problem({ httpVersion, upgrade }: RawRequest): HeadProblem | undefined {
    if (this.#count > MAX_HEADERS) {
      return { status: 431, code: "INVALID", message: `More than ${MAX_HEADERS} headers.` };
    }
    if (this.host === undefined || this.host === "") return bad("A Host header is required.");
    if (this.#twice !== undefined) return bad(`The header ${this.#twice} must not be there twice.`);
    if (this.transferEncoding !== undefined) {
      if (httpVersion === "1.0") return bad("HTTP/1.0 has no transfer codings.");
      if (this.transferEncoding.toLowerCase() !== "chunked") {
        return { status: 501, code: "INVALID", message: "The only transfer coding is chunked." };
      }
    }
    if (this.#loops) return { status: 508, code: "INVALID", message: "The request has been here before." };
    return upgrade ? this.#upgradeProblem() : undefined;
  }

  #upgradeProblem(): HeadProblem | undefined {
    if (this.transferEncoding !== undefined || Number(this.contentLength ?? 0) > 0) {
      return bad("A WebSocket handshake has no body.");
    }
    if (this.websocketVersion !== "13") {
      return {
        status: 426,
        code: "INVALID",
        message: "Only version 13 of the WebSocket protocol is spoken.",
        headers: ["Sec-WebSocket-Version", "13"],
      };
    }
    if (this.websocketKey === undefined || !/^[A-Za-z0-9+/]{22}==$/.test(this.websocketKey)) {
      return bad("Sec-WebSocket-Key must be 16 bytes in base64.");
    }
    return undefined;
  }

  #take(name: string, value: string): void {
    switch (name) {
      case "host":
        this.host ??= value;
        break;
      case "cookie":
        this.cookie = this.cookie === "" ? value : `${this.cookie}; ${value}`;
        break;
      case "authorization":
        this.authorization = value;
        break;
      case "connection":
        for (const item of value.split(",")) this.connectionNames.push(item.trim().toLowerCase());
        break;
      case "accept":
        this.acceptsHtml ||= value.includes("text/html");
        this.acceptsEvents ||= value.trimStart().startsWith("text/event-stream");
        break;
      case "sec-websocket-protocol":
        this.subprotocols += `,${value}`;
        break;
      case "sec-websocket-key":
        this.websocketKey = value;
        break;
      case "sec-websocket-version":
        this.websocketVersion = value;
        break;
      case "origin":
        this.origin = value;
        break;
      case "sec-fetch-site":
        this.fetchSite = value;
        break;
      case "sec-fetch-mode":
        this.fetchMode = value;
        break;
      case "sec-purpose":
      case "purpose":
        this.prefetch ||= value.includes("prefetch") || value.includes("prerender");
        break;
      case "transfer-encoding":
        this.transferEncoding = value;
        break;
      case "content-length":
        this.contentLength = value;
        break;
      case "x-forwarded-for":
        this.forwardedFor = this.forwardedFor === undefined ? value : `${this.forwardedFor},${value}`;
        break;
      case "via":
        this.#loops ||= value.split(",").some((hop) => hop.trim().split(/\s+/)[1] === VIA_NAME);
        break;
      default:
    }
  }
}

function bad(message: string): HeadProblem {
  return { status: 400, code: "INVALID", message };
}
