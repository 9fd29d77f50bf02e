/** A package.json, as far as it is read here. */
export interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly exports?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Something that a file imports: as a value or as a type, statically, dynamically or to pass it on. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** A TypeScript file. */
export interface SourceFile {
  /** Relative to the repository. */
  readonly path: string;
  /** The text without comments, strings as `_`; see `scanSource`. */
  readonly code: string;
  readonly imports: readonly Import[];
  /** A test, or something that only tests use: `*.test.ts`, or below `fixtures/` or `testing/`. */
  readonly isTest: boolean;
  /** The wiring of a program: `main.ts`. */
  readonly isMain: boolean;
}

/** A workspace of npm. */
export interface Workspace {
  readonly name: string;
  /** Relative to the repository. */
  readonly directory: string;
  /** The tag `layer:…` without its prefix. */
  readonly layer: string | undefined;
  readonly manifest: Manifest;
  readonly manifestText: string;
  /** Directories that its tsconfig.json refers to, relative to the repository; undefined without a tsconfig.json. */
  readonly references: readonly string[] | undefined;
  readonly files: readonly SourceFile[];
}

/** All that the rules look at. */
export interface Repository {
  readonly root: Manifest;
  /** Directories that the root tsconfig.json refers to. */
  readonly references: readonly string[];
  readonly workspaces: readonly Workspace[];
}

/** Names that a workspace may import at run time: what is installed with it. */
export function runtimeDependencies(manifest: Manifest): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  return [dependencies, optionalDependencies, peerDependencies].flatMap((table) => Object.keys(table ?? {}));
}

/** The line of a package.json that declares a dependency (1 when there is none). */
export function manifestLine(workspace: Workspace, dependency: string): number {
  const at = workspace.manifestText.split("\n").findIndex((line) => line.trimStart().startsWith(`"${dependency}":`));
  return at < 0 ? 1 : at + 1;
}

/** The package that a specifier names; undefined for a relative path or a built-in module. */
export function packageOf(specifier: string): string | undefined {
  if (/^[./#]|^(node|file|data):/.test(specifier)) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
