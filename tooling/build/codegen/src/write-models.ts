import openapiTS, { astToString } from "openapi-typescript";
import { banner } from "./banner.ts";

/** The models, by openapi-typescript, each also under its own name. */
export async function writeModels(file: URL): Promise<string> {
  const ast = await openapiTS(file, { immutable: true, rootTypes: true, rootTypesNoSchemaPrefix: true, silent: true });
  return `${banner}\n${astToString(ast)}`;
}
