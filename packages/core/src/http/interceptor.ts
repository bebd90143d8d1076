/**
 * A function around each attempt, which may read and change the request and read the response. It sees secrets, so it
 * must not log headers.
 *
 * @example
 * ```ts
 * import type { Interceptor } from "@carrel/core";
 *
 * const tagged: Interceptor = async (request, next) => {
 *   request.headers.set("X-Request-Tag", "nightly");
 *   return next(request);
 * };
 * ```
 */
export type Interceptor = (
  request: Request,
  next: (request: Request) => Promise<Response>,
  call: InterceptedCall,
) => Promise<Response>;

/** The call that a request belongs to. */
export interface InterceptedCall {
  /** The `operationId`. */
  readonly operation: string;
  /** The `context` of the call's options. */
  readonly context: Readonly<Record<string, unknown>>;
}
