import { join } from "node:path";
import type { ImageDefinition } from "./build/image-definition.ts";
import { type ImageName, isServiceName } from "./image-name.ts";
import type { ImageSourceOptions } from "./images/image-source.ts";
import { containerToolsImage } from "./images/container-tools-image.ts";
import { jupyterImage } from "./images/jupyter-image.ts";
import { natsImage } from "./images/nats-image.ts";
import { registryImage } from "./images/registry-image.ts";
import { serviceImage } from "./images/service-image.ts";
import { terminalImage } from "./images/terminal-image.ts";
import { virtualClusterImage } from "./images/virtual-cluster-image.ts";
import { vmLauncherImage } from "./images/vm-launcher-image.ts";
import { REPOSITORY } from "./paths.ts";

/** Gathers the inputs of an image, building programs and base systems that are missing. */
export function defineImage(name: ImageName, options: ImageSourceOptions = {}): Promise<ImageDefinition> {
  if (isServiceName(name)) return serviceImage(name, join(REPOSITORY, "services", name, "src", "main.ts"));
  switch (name) {
    case "nats":
      return natsImage(options);
    case "terminal":
      return terminalImage(options);
    case "jupyter":
      return jupyterImage(options);
    case "vm-launcher":
      return vmLauncherImage(options);
    case "vm-operators-stand-in":
      return serviceImage(name, join(REPOSITORY, "test", "operators", "main.ts"));
    case "registry":
      return registryImage(options);
    case "container-tools":
      return containerToolsImage(options);
    case "virtual-cluster":
      return virtualClusterImage(options);
  }
}
