/** A text as a part of a file name: nothing in it means anything to any system. */
export function plainName(text: string): string {
  return text.replaceAll(/[^\w-]/gu, "_").slice(0, 100);
}
