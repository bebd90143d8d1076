/** First lines of every generated file. */
export const banner = `// Generated from the specification in spec/ by "pnpm gen". Do not edit: edit the specification.`;
