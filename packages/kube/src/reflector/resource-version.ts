const DECIMAL = /^[0-9]{1,20}$/;

/**
 * Compares two resourceVersions of one kind: negative when `a` is older. Undefined when they cannot be compared.
 * They are comparable as integers by contract since Kubernetes 1.35 (KEP-5504); etcd revisions were so before.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
