/** A version of the vendor's: a number, as far as the server writes one. */
export type Version = number | string;

/**
 * Returns a version of a server as a number. One that is not the digits of a whole number is left as it is, because versions are
 * opaque to clients.
 */
export function versionOf(text: string): Version;
export function versionOf(text: string | undefined): Version | undefined;
export function versionOf(text: string | undefined): Version | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && String(number) === text ? number : text;
}

/** Returns a time of a server in UTC, such as `2026-11-28T03:00:00.000Z`; `undefined` where it cannot be read. */
export function isoTime(time: string | Date | undefined): string | undefined {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
