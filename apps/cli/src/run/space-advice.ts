/** What to do where the disk has less free space than is to be fetched. */
export const spaceAdvice: readonly string[] = [
  "Nothing was fetched. Free some space, or choose a directory on another disk.",
  "Where the file system compresses, or knows better for another reason: --no-space-check",
];
