// oxlint-disable-next-line import/no-unassigned-import -- components are compiled at run time
import "@angular/compiler";
import { provideZonelessChangeDetection } from "@angular/core";
import type { EnvironmentProviders } from "@angular/core";
import { bootstrapApplication, provideClientHydration } from "@angular/platform-browser";
import { provideServerRendering, renderApplication } from "@angular/platform-server";
import { provideCarrel } from "@carrel/angular";
import type { ProbeProps } from "../probe.ts";
import { probeOf } from "./probe.ts";

/** Renders the body of the page: the probe, and the state by which it is hydrated. */
export async function renderAngular(
  props: ProbeProps,
  changeDetection: EnvironmentProviders = provideZonelessChangeDetection(),
): Promise<string> {
  const providers = [provideServerRendering(), changeDetection, provideClientHydration(), provideCarrel(props.client)];
  const Probe = probeOf(() => props);
  const page = await renderApplication((context) => bootstrapApplication(Probe, { providers }, context), {
    document: "<html><body><probe-root></probe-root></body></html>",
    url: "http://localhost/",
    allowedHosts: ["localhost"],
  });
  return /<body[^>]*>(.*)<\/body>/su.exec(page)?.[1] ?? "";
}
