/** How session URLs are written: `scheme://[endpoint--]session.domain[:port]`. */
export class SessionUrls {
  readonly #domain: string;
  readonly #scheme: string;
  readonly #portSuffix: string;

  constructor(options: { readonly domain: string; readonly scheme: "http" | "https"; readonly port: number }) {
    this.#domain = options.domain;
    this.#scheme = options.scheme;
    const usual = options.scheme === "https" ? 443 : 80;
    this.#portSuffix = options.port === usual ? "" : `:${options.port}`;
  }

  /** Host (without port) and URL of an endpoint; `main` has the session's own host. */
  endpoint(session: string, name: string): { readonly host: string; readonly url: string } {
    const host = name === "main" ? `${session}.${this.#domain}` : `${name}--${session}.${this.#domain}`;
    return { host, url: `${this.#scheme}://${host}${this.#portSuffix}/` };
  }
}
