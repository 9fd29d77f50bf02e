import type { Import } from "./repository.ts";
import type { ScannedSource } from "./scan-source.ts";

/** What stands before the name of a module: `from`, `import`, `import(`, `require(`, `import.meta.resolve(`. */
const BEFORE_MODULE =
  /(?:(?:^|[^\w$.])(?:from|import)\s*|(?:^|[^\w$.])(?:import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*)$/;

/** What a file imports, in its order: also types, dynamic imports and what is passed on by `export … from`. */
export function findImports({ strings }: ScannedSource): Import[] {
  return strings
    .filter(({ before }) => BEFORE_MODULE.test(before))
    .map(({ value, line }) => ({ specifier: value, line }));
}
