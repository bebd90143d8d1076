import { createElement } from "react";
import { renderToString } from "react-dom/server";
import type { ProbeProps } from "../probe.ts";
import { Probe } from "./probe.ts";

export function renderReact(props: ProbeProps): Promise<string> {
  return Promise.resolve(renderToString(createElement(Probe, props)));
}
