export { installationRights, type InstallationRights } from "@carrel/servicekit";
