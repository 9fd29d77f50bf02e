import { createHash } from "node:crypto";
import { PAGE_STYLE } from "./page-style.ts";
import { WAITING_SCRIPT } from "./waiting-script.ts";

/** What a page says. Everything is text: it is escaped here. */
export interface PageContent {
  /** Which picture and colour: calm while waiting, a warning, or a plain note. */
  readonly tone: "waiting" | "note" | "warning";
  readonly title: string;
  readonly text: string;
  /** Small print, one entry per line: reason code, request id. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** A link, or a button that loads the page again. */
  readonly action?:
    | { readonly kind: "link"; readonly label: string; readonly href: string }
    | { readonly kind: "reload"; readonly label: string };
  /** Steps of a start, the current one marked. */
  readonly steps?: readonly { readonly label: string; readonly state: "done" | "current" | "todo" }[];
}

/** A finished page with the headers that belong to it. */
export interface Page {
  readonly html: Buffer;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

const STYLE_HASH = sha256(PAGE_STYLE);
const SCRIPT_HASH = sha256(WAITING_SCRIPT);

/**
 * Renders a page: one document with its own style, no other request, readable without script. The policy allows exactly
 * this style and, on the waiting page, exactly this script.
 *
 * @param frameAncestors who may show the session in a frame, as CSP sources
 */
export function renderPage(content: PageContent, frameAncestors: readonly string[]): Page {
  const waiting = content.tone === "waiting";
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    ...(waiting ? [`script-src 'sha256-${SCRIPT_HASH}'`, "connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${["'self'", ...frameAncestors].join(" ")}`,
  ].join("; ");
  return {
    html: Buffer.from(documentOf(content, waiting), "utf8"),
    headers: [
      "Content-Type",
      "text/html; charset=utf-8",
      "Content-Security-Policy",
      policy,
      "Referrer-Policy",
      "no-referrer",
      "X-Content-Type-Options",
      "nosniff",
    ],
  };
}

function documentOf(content: PageContent, waiting: boolean): string {
  const { title, text, facts, tone } = content;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
${waiting ? '<noscript><meta http-equiv="refresh" content="3"></noscript>' : ""}
</head>
<body>
<main class="${tone}">
<div class="mark" aria-hidden="true"></div>
<h1 id="title">${escapeHtml(title)}</h1>
<p id="text" role="status" aria-live="polite">${escapeHtml(text)}</p>
${stepsOf(content.steps)}${actionOf(content.action)}
<dl>${facts.map(({ name, value }) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>
</main>
${waiting ? `<script>${WAITING_SCRIPT}</script>` : ""}
</body>
</html>
`;
}

function stepsOf(steps: PageContent["steps"]): string {
  if (steps === undefined) return "";
  const items = steps.map(
    ({ label, state }) =>
      `<li class="${state}"${state === "current" ? ' aria-current="step"' : ""}>${escapeHtml(label)}</li>`,
  );
  return `<ol id="steps">${items.join("")}</ol>\n`;
}

function actionOf(action: PageContent["action"]): string {
  if (action === undefined) return "";
  const href = action.kind === "link" ? action.href : "";
  return `<p class="action"><a href="${escapeHtml(href)}">${escapeHtml(action.label)}</a></p>`;
}

/** Text as HTML, also inside of double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
