/**
 * @carrel/auth: keys, tokens and sealed cookies. The only package that knows jose.
 *
 * @module
 */
export * from "./cookie-key.ts";
export * from "./key-documents.ts";
export * from "./mint-token.ts";
export { looksLikeCarrelToken, MAX_TOKEN_LENGTH } from "./read-token.ts";
export * from "./sealed-cookie.ts";
export * from "./signing-key.ts";
export * from "./token-claims.ts";
export * from "./token-refused.ts";
export * from "./token-verifier.ts";
