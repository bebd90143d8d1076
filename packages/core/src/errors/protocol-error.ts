import { CarrelError } from "./carrel-error.ts";

/**
 * The answer is not the protocol's, such as an HTML login page. Check the address: is it a vCenter, and is a proxy in between?
 */
export class ProtocolError extends CarrelError {
  static override readonly brand: string = "ProtocolError";
  override readonly code = "PROTOCOL" as const;
  override readonly retryable: boolean = false;
}
