/** Images of Carrel's services: one Node.js program each, all from `deploy/images/service`. */
export const SERVICE_NAMES = ["provisioner", "webhook", "proxy", "reaper"] as const;

/** Every image that can be built. */
export const IMAGE_NAMES = [...SERVICE_NAMES, "nats", "terminal", "jupyter"] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
export type ImageName = (typeof IMAGE_NAMES)[number];

export function isImageName(text: string): text is ImageName {
  return (IMAGE_NAMES as readonly string[]).includes(text);
}

export function isServiceName(name: ImageName): name is ServiceName {
  return (SERVICE_NAMES as readonly string[]).includes(name);
}
