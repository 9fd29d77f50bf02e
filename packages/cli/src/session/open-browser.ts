import { spawn } from "node:child_process";
import { CarrelError } from "@carrel/std";

/** Opens a URL in the user's browser. @throws CarrelError `NO_BROWSER` when there is none to open. */
export function openBrowser(url: string): Promise<void> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  return new Promise((resolve, reject) => {
    const child = spawn(program, [url], { stdio: "ignore", detached: true });
    child.once("error", (cause) =>
      reject(
        new CarrelError("NO_BROWSER", `cannot open a browser (${program} is missing); open the URL yourself`, {
          cause,
        }),
      ),
    );
    child.once("spawn", () => {
      child.unref();
      resolve();
    });
  });
}
