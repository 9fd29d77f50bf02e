/** The command line of an etcd of one member without TLS, for loopback only, without its name. */
export function etcdArguments(dataDir: string, clientPort: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    "--name=carrel",
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=carrel=${peer}`,
    // A crash of the machine loses the cluster, which lives only as long as a test.
    "--unsafe-no-fsync",
    "--log-level=warn",
    "--quota-backend-bytes=8589934592",
    "--auto-compaction-mode=periodic",
    "--auto-compaction-retention=5m",
  ];
}
