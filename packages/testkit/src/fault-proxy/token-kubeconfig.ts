/** A kubeconfig that authenticates by bearer token, as pods do. */
export interface TokenKubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly clusters: readonly [
    {
      readonly name: string;
      readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
    },
  ];
  readonly users: readonly [{ readonly name: string; readonly user: { readonly token?: string } }];
  readonly contexts: readonly [
    { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } },
  ];
  readonly "current-context": string;
}

/** Puts a kubeconfig together. Without a token requests are anonymous. */
export function renderTokenKubeconfig(parts: {
  readonly server: string;
  readonly caPem: string;
  readonly token: string | undefined;
}): TokenKubeconfig {
  const cluster = {
    server: parts.server,
    "certificate-authority-data": Buffer.from(parts.caPem).toString("base64"),
  };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "carrel", cluster }],
    users: [{ name: "test", user: parts.token === undefined ? {} : { token: parts.token } }],
    contexts: [{ name: "carrel", context: { cluster: "carrel", user: "test" } }],
    "current-context": "carrel",
  };
}
