/** Thrown through a body on its way to the client: how its connection ends before the body does. */
export class Interruption extends Error {
  readonly how: "cut" | "reset" | "freeze";

  constructor(how: "cut" | "reset" | "freeze") {
    super(`the answer is interrupted: ${how}`);
    this.how = how;
  }
}
