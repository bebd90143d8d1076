// oxlint-disable-next-line import/no-unassigned-import -- components are compiled at run time
import "@angular/compiler";
import {
  createComponent,
  NgZone,
  provideZoneChangeDetection,
  provideZonelessChangeDetection,
  signal,
} from "@angular/core";
import type { ApplicationRef, EnvironmentProviders, WritableSignal } from "@angular/core";
import { bootstrapApplication, createApplication, provideClientHydration } from "@angular/platform-browser";
import { provideCarrel } from "@carrel/angular";
import type { MountedProbe, ProbeProps, Skin } from "../probe.ts";
import { probeOf } from "./probe.ts";

/** Starts an application with the probe in it. */
export async function startProbe(
  target: HTMLElement,
  read: () => ProbeProps,
  changeDetection: EnvironmentProviders,
): Promise<ApplicationRef> {
  const app = await createApplication({ providers: [changeDetection, provideCarrel(read().client)] });
  const hostElement = target.appendChild(document.createElement("probe-root"));
  // As `bootstrapApplication` does.
  app.injector.get(NgZone).run(() => {
    app.attachView(createComponent(probeOf(read), { hostElement, environmentInjector: app.injector }).hostView);
  });
  return app;
}

/** Starts an application on markup that a server has rendered. */
function hydrateProbe(read: () => ProbeProps, changeDetection: EnvironmentProviders): Promise<ApplicationRef> {
  const providers = [changeDetection, provideClientHydration(), provideCarrel(read().client)];
  return bootstrapApplication(probeOf(read), { providers });
}

function skinOf(name: string, changeDetection: () => EnvironmentProviders): Skin {
  const mounted = (latest: WritableSignal<ProbeProps>, starting: Promise<ApplicationRef>): MountedProbe => ({
    update: (next) => latest.set(next),
    unmount: async () => (await starting).destroy(),
  });
  return {
    name,
    server: ["angular/server.ts", "renderAngular"],
    mount(target, props) {
      const latest = signal(props);
      return mounted(latest, startProbe(target, latest, changeDetection()));
    },
    hydrate(target, props) {
      const latest = signal(props);
      // Angular looks for this comment in the body itself.
      const mark = [...target.childNodes].find(({ nodeType }) => nodeType === Node.COMMENT_NODE);
      if (mark) document.body.prepend(mark);
      return mounted(latest, hydrateProbe(latest, changeDetection()));
    },
  };
}

export const angular: Skin = skinOf("Angular", provideZonelessChangeDetection);

/** The page has to load zone.js before. */
export const angularWithZone: Skin = skinOf("Angular with zone.js", provideZoneChangeDetection);
