import { createHash } from "node:crypto";
import { encodeBase64, hashSync } from "bcryptjs";
import { TextSyntaxError } from "./text-syntax-error.ts";

/** 2^8 rounds: three more doublings than Apache's own default, some 20 ms. */
const COST = 8;
const SALT_BYTES = 16;
/** bcrypt reads no further. */
const MAX_PASSWORD_BYTES = 72;

/**
 * `user:$2b$…`. The bcrypt salt follows from `salt` and the user and not from the password: the line is the same each
 * time it is made, different in each workspace, and tells nothing about the password that bcrypt does not.
 *
 * @throws TextSyntaxError for a user with a colon and a password that bcrypt would cut.
 */
export function htpasswdLine(user: string, password: string, salt: string): string {
  if (user === "" || /[:\s]/.test(user))
    throw new TextSyntaxError("the user of htpasswd must not be empty and has no : or space");
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw new TextSyntaxError(`the password of htpasswd is longer than ${MAX_PASSWORD_BYTES} bytes`);
  }
  const bytes = createHash("sha256").update(`htpasswd\0${salt}\0${user}`).digest().subarray(0, SALT_BYTES);
  const encoded = encodeBase64([...bytes], SALT_BYTES);
  return `${user}:${hashSync(password, `$2b$${String(COST).padStart(2, "0")}$${encoded}`)}`;
}
