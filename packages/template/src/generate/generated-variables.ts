/**
 * The variables `generated.…` for what `generateSecrets` made, or what is read back from its Secret. Secret values:
 * never store them in a Workspace.
 */
export function generatedVariables(generated: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(generated).map(([key, value]) => [`generated.${key}`, value]));
}
