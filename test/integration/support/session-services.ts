export { startSessionServices, type Ready, type SessionServices } from "@carrel/servicekit";
