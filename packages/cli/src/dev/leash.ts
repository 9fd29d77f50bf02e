/**
 * Loaded before a service that `carrel dev` runs (`node --import`): stops it when its standard input ends, as it does
 * when `carrel dev` is killed. `node --watch` alone may start a program once more while it is being ended itself.
 *
 * @module
 */
import { Socket } from "node:net";

process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.resume();
// Holding the leash must not keep the service alive.
if (process.stdin instanceof Socket) process.stdin.unref();
