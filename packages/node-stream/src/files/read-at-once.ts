import { constants } from "node:fs";

/**
 * Flags to open something for reading that should be a file. Where it is a named pipe after all, opening it does not wait for
 * somebody to write to it. Windows has no such pipes.
 */
export const readAtOnce: number = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
