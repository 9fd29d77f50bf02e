/**
 * False when a browser says that another site's page makes this request. Anything that is no browser sends no `Origin`
 * and passes: whether it may come at all is decided before it gets here.
 */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  // The scheme is not compared: behind a proxy that ends TLS this server sees plain HTTP.
  return new URL(origin).host === host.toLowerCase();
}
