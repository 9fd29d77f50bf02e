import { TextSyntaxError } from "./text-syntax-error.ts";

/** `$(name)`: the value of a variable. */
export interface NameExpression {
  readonly type: "name";
  readonly name: string;
}
/** A literal in quotes; an argument only. */
export interface LiteralExpression {
  readonly type: "literal";
  readonly value: string;
}
/** `$(base64(x))`. */
export interface CallExpression {
  readonly type: "call";
  readonly function: string;
  readonly arguments: readonly Expression[];
}
export type Expression = NameExpression | LiteralExpression | CallExpression;

/** A string value of a template: what is copied as it stands, and what is replaced. */
export type TextPart = string | NameExpression | CallExpression;

/** How deep calls may stand in calls. */
const MAX_DEPTH = 4;
const MAX_ARGUMENTS = 8;

const NAME = /[A-Za-z][\w-]*(?:\.[\w-]+)*/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * Reads a string value of a template. The whole grammar:
 *
 *     text      = { "$$(" | "$(" expression ")" | any character }
 *     expression = space ( call | name ) space
 *     call      = identifier "(" [ argument { "," argument } ] ")"
 *     argument  = space ( string | call | name ) space
 *     string    = '"' { character | "\\" character } '"' | "'" { character | "\\" character } "'"
 *     name      = identifier { "." segment }
 *
 * `$$(` is a literal `$(`; every other `$(` must begin an expression, so that a mistyped one is never passed on as
 * text. In a string `\` makes the next character literal. Calls nest four deep. There are no loops, no conditions and
 * no operators, and what is inserted is never read again.
 *
 * Takes time linear in the length of the text.
 *
 * @throws TextSyntaxError that says what is wrong and where.
 */
export function parseText(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  let literal = "";
  for (;;) {
    const at = text.indexOf("$(", from);
    if (at === -1) break;
    if (at > from && text[at - 1] === "$") {
      literal += `${text.slice(from, at - 1)}$(`;
      from = at + 2;
      continue;
    }
    literal += text.slice(from, at);
    if (literal !== "") parts.push(literal);
    literal = "";
    const reader = new ExpressionReader(text, at + 2);
    parts.push(reader.reference());
    from = reader.at;
  }
  literal += text.slice(from);
  if (literal !== "" || parts.length === 0) parts.push(literal);
  return parts;
}

class ExpressionReader {
  at: number;
  readonly #text: string;
  readonly #start: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#start = at - 2;
    this.at = at;
  }

  /** The expression up to and including its closing parenthesis. */
  reference(): NameExpression | CallExpression {
    const expression = this.#expression(0);
    if (expression.type === "literal") this.#fail("a literal needs no $( )");
    this.#expect(")");
    return expression;
  }

  #expression(depth: number): Expression {
    if (depth > MAX_DEPTH) this.#fail(`calls are nested more than ${MAX_DEPTH} deep`);
    this.#match(SPACE);
    const quote = this.#text[this.at];
    if (quote === '"' || quote === "'") return { type: "literal", value: this.#literal(quote) };
    const name = this.#match(NAME);
    if (name === "") this.#fail("expected the name of a variable or function");
    const expression: Expression =
      this.#text[this.at] === "("
        ? { type: "call", function: name, arguments: this.#arguments(depth) }
        : { type: "name", name };
    this.#match(SPACE);
    return expression;
  }

  #arguments(depth: number): readonly Expression[] {
    this.#expect("(");
    this.#match(SPACE);
    const read: Expression[] = [];
    while (this.#text[this.at] !== ")" || read.length > 0) {
      read.push(this.#expression(depth + 1));
      this.#match(SPACE);
      if (read.length > MAX_ARGUMENTS) this.#fail(`more than ${MAX_ARGUMENTS} arguments`);
      if (this.#text[this.at] !== ",") break;
      this.at += 1;
    }
    this.#expect(")");
    return read;
  }

  #literal(quote: string): string {
    let value = "";
    for (let at = this.at + 1; at < this.#text.length; at += 1) {
      const character = this.#text.charAt(at);
      if (character === quote) {
        this.at = at + 1;
        return value;
      }
      if (character === "\\") at += 1;
      value += this.#text.charAt(at);
    }
    return this.#fail(`the string has no closing ${quote}`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  #expect(character: string): void {
    if (this.#text[this.at] !== character) this.#fail(`expected ${character}`);
    this.at += 1;
  }

  #fail(what: string): never {
    const shown = this.#text.slice(this.#start, this.#start + 40);
    const found = this.at < this.#text.length ? `before "${this.#text.slice(this.at, this.at + 10)}"` : "at the end";
    throw new TextSyntaxError(
      `${shown} is not a reference to a variable: ${what} ${found}; write $$( for a literal $(`,
    );
  }
}
