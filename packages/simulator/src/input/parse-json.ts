import { SimulatorInputError } from "../model/simulator-input-error.ts";
import { findJsonMistake } from "@carrel/core/internal";

/** The text as JSON. Throws with line and column where it is not. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { line, column } = findJsonMistake(text);
    const place = `line ${line}, column ${column}`;
    throw new SimulatorInputError(place, "this is not valid JSON");
  }
}
