import { startFaultProxy, type FaultProxy } from "@carrel/testkit";
import { installationRights } from "./installation-rights.ts";
import { playKubelet, type PlayedKubelet } from "./play-kubelet.ts";
import { startSessionServices, type SessionServices } from "./session-services.ts";

/** Services of which the provisioner reaches the API server through a proxy, which counts its calls and breaks them. */
export interface ServicesBehindProxy extends AsyncDisposable {
  readonly services: SessionServices;
  readonly proxy: FaultProxy;
  readonly kubelet: PlayedKubelet;
}

/** Starts them, the provisioner with the rights that an installation has and no others. */
export async function startServicesBehindProxy(): Promise<ServicesBehindProxy> {
  await using stack = new AsyncDisposableStack();
  const proxies: FaultProxy[] = [];
  const services = await startSessionServices({
    async provisionerKubeconfig(controlPlane) {
      const token = await (await installationRights(controlPlane, {})).tokenOf("provisioner");
      const { server, caPem } = controlPlane;
      const proxy = stack.use(await startFaultProxy({ target: server, caPem, token }));
      proxies.push(proxy);
      return proxy.kubeconfigPath;
    },
  });
  stack.use(services);
  const kubelet = stack.use(playKubelet(services.client));
  const [proxy] = proxies;
  if (proxy === undefined) throw new Error("the provisioner asked for no kubeconfig");
  const owned = stack.move();
  return { services, proxy, kubelet, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
