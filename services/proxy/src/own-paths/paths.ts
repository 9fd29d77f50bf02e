/** Everything under it is the proxy's own. */
export const OWN_PREFIX = "/.carrel/";
/** How the session is: JSON, or an event stream. */
export const STATUS_PATH = `${OWN_PREFIX}status`;
/** Deletes the cookie of this host. */
export const LOGOUT_PATH = `${OWN_PREFIX}logout`;
/** Takes an exchange token from a form, so that it never stands in a URL. */
export const EXCHANGE_PATH = `${OWN_PREFIX}exchange`;
/** On the session's host: takes a signed-in user to the host of an endpoint. */
export const HOP_PATH = `${OWN_PREFIX}hop`;
/** On the host of an endpoint: the other end of the hop. */
export const ENTER_PATH = `${OWN_PREFIX}enter`;
