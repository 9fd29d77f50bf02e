import { isNode, isMap, isScalar, type Document, type LineCounter } from "yaml";

const STEP = /\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g;

/** The line of the field at a path such as `spec.objects[2].data["a.b"]`, or of the nearest that is there and holds it. */
export function lineOf(document: Document, lines: LineCounter, path: string): number {
  let line = lineAt(document.contents?.range?.[0], lines);
  const keys: (string | number)[] = [];
  for (const [, index, quoted, plain] of path.matchAll(STEP)) {
    keys.push(index === undefined ? (quoted ?? plain ?? "") : Number(index));
    const offset = keyOffset(document, keys) ?? valueOffset(document, keys);
    if (offset === undefined) break;
    line = lineAt(offset, lines);
  }
  return line;
}

function valueOffset(document: Document, keys: readonly (string | number)[]): number | undefined {
  const node = document.getIn(keys, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** Where the key stands: its value may begin a line later. */
function keyOffset(document: Document, keys: readonly (string | number)[]): number | undefined {
  const holder = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  if (!isMap(holder)) return undefined;
  const pair = holder.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1));
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

/** The line of an offset; the first when there is none. */
export function lineAt(offset: number | undefined, lines: LineCounter): number {
  return offset === undefined ? 1 : lines.linePos(offset).line;
}
