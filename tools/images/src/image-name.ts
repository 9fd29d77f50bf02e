/** Images of Carrel's services: one Node.js program each, all from `deploy/images/service`. */
export const SERVICE_NAMES = ["provisioner", "webhook", "proxy", "reaper"] as const;

/** The images of Carrel. */
export const IMAGE_NAMES = [...SERVICE_NAMES, "nats", "terminal", "jupyter"] as const;

/** Images that only tests and the examples of applications use: built when they are asked for by name. */
export const TEST_IMAGE_NAMES = [
  "vm-launcher",
  "vm-operators-stand-in",
  "registry",
  "container-tools",
  "virtual-cluster",
] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
export type ImageName = (typeof IMAGE_NAMES)[number] | (typeof TEST_IMAGE_NAMES)[number];

export function isImageName(text: string): text is ImageName {
  return ([...IMAGE_NAMES, ...TEST_IMAGE_NAMES] as readonly string[]).includes(text);
}

export function isServiceName(name: ImageName): name is ServiceName {
  return (SERVICE_NAMES as readonly string[]).includes(name);
}
