import { carrel } from "@carrel/vue";
import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import type { ProbeProps } from "../probe.ts";
import { probeOf } from "./probe.ts";

export function renderVue(props: ProbeProps): Promise<string> {
  return renderToString(createSSRApp(probeOf(() => props)).use(carrel(props.client)));
}
