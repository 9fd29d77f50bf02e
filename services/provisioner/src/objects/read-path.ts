/**
 * What stands at a field path such as `status.network.primaryIP4` or `status.addresses[0].value`; undefined when the
 * way ends before. Reads own fields only. Pure.
 */
export function readPath(object: unknown, path: string): unknown {
  let found: unknown = object;
  for (const step of path.split(".")) {
    const [, name = "", index] = /^([^[]*)(?:\[(\d+)\])?$/.exec(step) ?? [];
    found = fieldOf(found, name);
    if (index !== undefined) found = Array.isArray(found) ? (found as unknown[])[Number(index)] : undefined;
  }
  return found;
}

function fieldOf(object: unknown, name: string): unknown {
  if (typeof object !== "object" || object === null || Array.isArray(object)) return undefined;
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}
