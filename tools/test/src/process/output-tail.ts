/** Keeps the end of a text that may be long. */
export class OutputTail {
  readonly #maxCharacters: number;
  #parts: string[] = [];
  #characters = 0;
  #cut = false;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  add(text: string): void {
    this.#parts.push(text);
    this.#characters += text.length;
    // Twice the size before it is cut: each character is copied once on average.
    if (this.#characters > 2 * this.#maxCharacters) this.#shorten();
  }

  /** What is kept; begins with a mark when something was cut off. */
  text(): string {
    if (this.#characters > this.#maxCharacters) this.#shorten();
    return `${this.#cut ? "[…]" : ""}${this.#parts.join("")}`;
  }

  #shorten(): void {
    const kept = this.#parts.join("").slice(-this.#maxCharacters);
    this.#parts = [kept];
    this.#characters = kept.length;
    this.#cut = true;
  }
}
