import { childPath } from "@carrel/template";

/** Paths of the fields that are given and that parsing has dropped, because the schema does not know them. */
export function unknownFields(given: unknown, parsed: unknown, path: string): readonly string[] {
  if (Array.isArray(given)) {
    const items = given as readonly unknown[];
    return items.flatMap((item, index) =>
      unknownFields(item, (parsed as readonly unknown[] | undefined)?.[index], childPath(path, index)),
    );
  }
  if (typeof given !== "object" || given === null) return [];
  const known = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Readonly<Record<string, unknown>>;
  return Object.entries(given).flatMap(([key, value]) =>
    Object.hasOwn(known, key) ? unknownFields(value, known[key], childPath(path, key)) : [childPath(path, key)],
  );
}
