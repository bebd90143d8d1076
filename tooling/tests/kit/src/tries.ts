import process from "node:process";

/** Whether this is `npm run test:soak`, which tries more of everything. */
export const isSoak: boolean = process.env["MODE"] === "soak";

/** How often a test tries what it varies: enough to find a mistake soon, and with `npm run test:soak` a rare one. */
export function tries(usual: number, soak: number): number {
  return isSoak ? soak : usual;
}
