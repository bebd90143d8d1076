/**
 * A function around each attempt: it may look at the request, change it, and look at the response.
 * It sees secrets, so it should not log headers.
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

/** The call that an interceptor sees a request of. */
export interface InterceptedCall {
  /** The `operationId`. */
  readonly operation: string;
  /** From the call's options. */
  readonly context: Readonly<Record<string, unknown>>;
}
