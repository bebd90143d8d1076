import type { LocalizableMessage } from "../gen/models.gen.ts";
import { redactDeep } from "../redact.ts";
import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * The server could not make a file ready, or not within the time given.
 * `serverMessage` is the server's own account, where it gave one. A `retryable` one ran out of time.
 */
export class PrepareError extends CarrelError {
  static override readonly brand: string = "PrepareError";
  override readonly code = "PREPARE_FAILED" as const;
  override readonly retryable: boolean;
  /** Name of the file, as the server has it. */
  readonly fileName: string;
  readonly serverMessage: LocalizableMessage | undefined;

  constructor(
    message: string,
    options: CarrelErrorOptions & {
      readonly fileName: string;
      readonly retryable?: boolean;
      readonly serverMessage?: LocalizableMessage | undefined;
    },
  ) {
    super(message, options);
    this.fileName = options.fileName;
    this.retryable = options.retryable ?? false;
    this.serverMessage = redactDeep(options.serverMessage);
  }
}
