export { reportReady } from "@carrel/servicekit";
