/** A file of a tar archive; `path` has no leading slash and at most 100 bytes. */
export interface TarFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

const BLOCK = 512;

/**
 * Writes a POSIX ustar archive of regular files and the directories above them, owned by root, dated 1970, so that
 * equal files give equal archives.
 */
export function writeTar(files: readonly TarFile[]): Buffer {
  const directories = [...new Set(files.flatMap((file) => parents(file.path)))].sort();
  const parts = [
    ...directories.map((path) => header(`${path}/`, 0, 0o755, "5")),
    ...files.flatMap(({ path, content, mode }) => {
      const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
      return [header(path, content.length, mode, "0"), content, padding];
    }),
  ];
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function parents(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function header(path: string, size: number, mode: number, type: "0" | "5"): Buffer {
  if (Buffer.byteLength(path) > 100) throw new RangeError(`the tar path ${path} is longer than 100 bytes`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  block.write(path, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}
