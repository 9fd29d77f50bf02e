/**
 * The full form of an image name, as containerd stores it and the kubelet looks it up: `nats` becomes
 * `docker.io/library/nats:latest` (distribution/reference, "familiar" names).
 */
export function fullImageReference(name: string): string {
  const [first = "", ...rest] = name.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const withHost = hasHost ? name : `docker.io/${rest.length === 0 ? `library/${name}` : name}`;
  const last = withHost.slice(withHost.lastIndexOf("/") + 1);
  return /[:@]/.test(last) ? withHost : `${withHost}:latest`;
}
