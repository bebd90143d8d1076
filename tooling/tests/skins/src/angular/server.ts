// oxlint-disable-next-line import/no-unassigned-import -- components are compiled at run time
import "@angular/compiler";
import { provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideServerRendering, renderApplication } from "@angular/platform-server";
import { provideCarrel } from "@carrel/angular";
import type { ProbeProps } from "../probe.ts";
import { probeOf } from "./probe.ts";

export function renderAngular(props: ProbeProps): Promise<string> {
  const providers = [provideServerRendering(), provideZonelessChangeDetection(), provideCarrel(props.client)];
  const Probe = probeOf(() => props);
  return renderApplication((context) => bootstrapApplication(Probe, { providers }, context), {
    document: "<html><body><probe-root></probe-root></body></html>",
    url: "http://localhost/",
    allowedHosts: ["localhost"],
  });
}
