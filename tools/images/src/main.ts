import { CarrelError } from "@carrel/std";
import { writeContext } from "./context/context-file.ts";
import { buildImage } from "./build-image.ts";
import { defineImage } from "./define-image.ts";
import { ImageError } from "./image-error.ts";
import { IMAGE_NAMES, type ImageName, isImageName, TEST_IMAGE_NAMES } from "./image-name.ts";

const USAGE = `usage: images build [NAME...]         build images (all of them by default); prints ARCHIVE and REF
       images context NAME DIRECTORY   write the context of an image, for docker build
NAME is one of ${IMAGE_NAMES.join(", ")}; for tests also ${TEST_IMAGE_NAMES.join(", ")}`;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new CarrelError("INTERRUPTED", `interrupted by ${name}`)));
const options = { signal: stop.signal, onProgress: (line: string) => console.error(line) };

try {
  await run(process.argv.slice(2));
} catch (error) {
  // A stack says nothing to who builds an image; the message names the log.
  console.error(error instanceof CarrelError ? `images: ${error.message}` : error);
  process.exitCode = 1;
}

async function run([command, ...args]: readonly string[]): Promise<void> {
  const [name, directory] = args;
  if (command === "build") {
    for (const wanted of args.length === 0 ? IMAGE_NAMES : args.map(imageName)) {
      const { archive, ref } = await buildImage(wanted, options);
      console.log(`${archive} ${ref}`);
    }
  } else if (command === "context" && name !== undefined && directory !== undefined) {
    const { files, buildArgs } = await defineImage(imageName(name), options);
    await writeContext(files, directory);
    const flags = Object.entries(buildArgs).map(([key, value]) => ` --build-arg ${key}=${value}`);
    console.log(`docker build${flags.join("")} --tag carrel/${name} ${directory}`);
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

function imageName(text: string): ImageName {
  if (isImageName(text)) return text;
  throw new ImageError("UNKNOWN_IMAGE", `there is no image ${text}; there are ${IMAGE_NAMES.join(", ")}`);
}
