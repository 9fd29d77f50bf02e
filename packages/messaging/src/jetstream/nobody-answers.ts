/**
 * True when no stream and no JetStream answered: there is none on that subject. (The library's class for it is not
 * exported.)
 */
export function nobodyAnswers(error: unknown): boolean {
  return error instanceof Error && error.name === "JetStreamNotEnabled";
}
