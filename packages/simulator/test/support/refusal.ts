import type { LocalizableMessage } from "@carrel/core";
import type { Got } from "@carrel/test-kit";

/** What an error answer says, by the shape that its style must have. Throws where it has another. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly messages: readonly LocalizableMessage[];
}

export function refusalOf(style: "api" | "rest", got: Got): Refusal {
  const json = got.json as Record<string, unknown>;
  const inner = (style === "rest" ? json["value"] : json) as Record<string, unknown>;
  const expected = style === "rest" ? ["type", "value"] : ["error_type", "messages"];
  if (Object.keys(json).toSorted().join() !== expected.join())
    throw new Error(`not the shape of ${style}: ${got.text}`);
  if (got.headers["content-type"] !== "application/json") throw new Error("not application/json");
  if (style === "rest" && json["type"] !== `com.vmware.vapi.std.errors.${String(inner["error_type"]).toLowerCase()}`) {
    throw new Error(`type and error_type differ: ${got.text}`);
  }
  return {
    status: got.status,
    type: String(inner["error_type"]),
    messages: inner["messages"] as readonly LocalizableMessage[],
  };
}
