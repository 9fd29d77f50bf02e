/** Where a value stands in a JSON tree, as people write it: `spec.containers[0].image`, `data["a.b"]`. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** A copy of a JSON tree with each string value replaced; keys, numbers and the like stay as they are. */
export function mapStrings(node: unknown, path: string, map: (text: string, path: string) => unknown): unknown {
  if (typeof node === "string") return map(node, path);
  if (Array.isArray(node)) return node.map((item, index) => mapStrings(item, childPath(path, index), map));
  if (typeof node === "object" && node !== null) {
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, mapStrings(value, childPath(path, key), map)]),
    );
  }
  return node;
}
