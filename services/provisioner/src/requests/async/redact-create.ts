/**
 * What may be kept of a create that came to nothing: what was asked for and for whom. Parameters may be secrets, so of
 * them only the names stay; claims and unknown fields are nobody's business. Pure.
 */
export function redactCreate(body: unknown): unknown {
  if (!isRecord(body)) return undefined;
  const { template, user, parameters } = body;
  return {
    ...(typeof template === "string" ? { template } : {}),
    ...(isRecord(user) && typeof user["id"] === "string" ? { user: { id: user["id"] } } : {}),
    ...(isRecord(parameters) ? { parameters: Object.keys(parameters) } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
