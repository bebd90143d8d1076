import type { RawResponse } from "./raw-document.ts";

/**
 * Names of the error types that a response of the vendor's declares, in the form of `error_type`. Up to 8.x the schema's
 * name contains one of them; in 9.x a status with several has the generic schema, and the text names each in bold.
 */
export function readErrorTypes(response: RawResponse, schemaRef: string | undefined): readonly string[] {
  const named = [...(response.description ?? "").matchAll(/\*\*\*Vapi\.Std\.Errors\.(\w+)\*\*\*/g)];
  if (named.length > 0) return [...new Set(named.map(([, name = ""]) => upperSnake(name)))];
  const [, name] = /errors\.?([a-z_]+)$/i.exec(schemaRef ?? "") ?? [];
  if (name === undefined) return [];
  const type = upperSnake(name.replace(/_error$/, ""));
  return type === "ERROR" ? [] : [type];
}

function upperSnake(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
