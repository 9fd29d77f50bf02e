export { playKubelet, type PlayedKubelet } from "@carrel/servicekit";
