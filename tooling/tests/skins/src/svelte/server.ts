import { render } from "svelte/server";
import type { ProbeProps } from "../probe.ts";
import Probe from "./Probe.svelte";

export function renderSvelte(props: ProbeProps): Promise<string> {
  return Promise.resolve(render(Probe, { props }).body);
}
