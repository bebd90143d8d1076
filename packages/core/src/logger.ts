/** Where to write what happens. Nothing secret is passed. The platform's `console` fits. */
export interface Logger {
  debug(message: string, details?: object): void;
  warn(message: string, details?: object): void;
}
