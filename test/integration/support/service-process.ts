export { startService, type ServiceProcess } from "@carrel/servicekit";
