/** One string literal of a source file. */
export interface StringLiteral {
  readonly value: string;
  /** From 1. */
  readonly line: number;
  /** The code before it, without comments; its end says what the literal is for. */
  readonly before: string;
}

/** A source file without what is not code. */
export interface ScannedSource {
  /** The text, line for line, with comments blanked and the content of strings, templates and patterns as `_`. */
  readonly code: string;
  readonly strings: readonly StringLiteral[];
}

/** How much code before a literal is kept with it. */
const BEFORE = 60;
/** After these words a slash begins a pattern, not a division. */
const BEFORE_PATTERN = /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield)$/;

/**
 * Tells code from comments, strings, templates and regular expressions in TypeScript. A scanner, not a parser: enough
 * to find what a file imports and what it uses, without a compiler.
 */
export function scanSource(text: string): ScannedSource {
  const scanner = new Scanner(text);
  scanner.scanCode(undefined);
  return { code: scanner.code, strings: scanner.strings };
}

class Scanner {
  readonly strings: StringLiteral[] = [];
  code = "";
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Scans code up to the end, or to the brace that closes `${`. */
  scanCode(until: "}" | undefined): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      const next = this.#text.charAt(this.#at + 1);
      if (char === "/" && next === "/") this.#blank(this.#indexOf("\n"));
      else if (char === "/" && next === "*") this.#blank(this.#indexOf("*/") + 2);
      else if (char === '"' || char === "'") this.#scanString(char);
      else if (char === "`") this.#scanTemplate();
      else if (char === "/" && this.#beginsPattern()) this.#scanPattern();
      else {
        if (char === "{") depth++;
        if (char === "}" && depth-- === 0 && until === "}") return;
        this.#keep();
      }
    }
  }

  #scanString(quote: string): void {
    const { before, line, start } = this.#open();
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== quote) this.#mask();
    this.#close(before, line, start);
  }

  #scanTemplate(): void {
    const { before, line, start } = this.#open();
    let plain = true;
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== "`") {
      if (this.#text.startsWith("${", this.#at)) {
        plain = false;
        this.#keep();
        this.#keep();
        this.scanCode("}");
        this.#keep();
      } else this.#mask();
    }
    if (plain) this.#close(before, line, start);
    else this.#keep();
  }

  #scanPattern(): void {
    this.#keep();
    for (let inClass = false; this.#at < this.#text.length;) {
      const char = this.#text.charAt(this.#at);
      if (char === "\n" || (char === "/" && !inClass)) break;
      if (char === "[") inClass = true;
      if (char === "]") inClass = false;
      this.#mask();
    }
    this.#keep();
  }

  #beginsPattern(): boolean {
    const before = this.code.slice(-BEFORE).trimEnd();
    // After a value stands a division; a closing brace may end either, and a pattern is what follows a block.
    return before === "" || /[^\w$)\]"'`]$/.test(before) || BEFORE_PATTERN.test(before);
  }

  #open(): { before: string; line: number; start: number } {
    const opened = { before: this.code.slice(-BEFORE), line: this.#line, start: this.#at + 1 };
    this.#keep();
    return opened;
  }

  #close(before: string, line: number, start: number): void {
    this.strings.push({ value: this.#text.slice(start, this.#at), line, before });
    this.#keep();
  }

  #indexOf(end: string): number {
    const found = this.#text.indexOf(end, this.#at);
    return found < 0 ? this.#text.length : found;
  }

  #blank(end: number): void {
    while (this.#at < Math.min(end, this.#text.length)) this.#put(" ");
  }

  /** Takes one character of a literal, or two when the first escapes the second. */
  #mask(): void {
    if (this.#text.charAt(this.#at) === "\\") this.#put("_");
    this.#put("_");
  }

  #keep(): void {
    this.#put(this.#text.charAt(this.#at));
  }

  #put(char: string): void {
    const isNewline = this.#text.charAt(this.#at) === "\n";
    if (isNewline) this.#line++;
    if (this.#at < this.#text.length) this.code += isNewline ? "\n" : char;
    this.#at++;
  }
}
