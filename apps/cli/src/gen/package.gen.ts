// Generated from package.json by "pnpm gen". Do not edit: edit package.json.

/** Version of this package. */
export const version = "0.0.0";

/** The oldest Node that it runs on. */
export const oldestNode = "22.20";
