// oxlint-disable-next-line import/no-unassigned-import -- components are compiled at run time
import "@angular/compiler";
import {
  createComponent,
  NgZone,
  provideZoneChangeDetection,
  provideZonelessChangeDetection,
  signal,
} from "@angular/core";
import type { ApplicationRef, EnvironmentProviders } from "@angular/core";
import { createApplication } from "@angular/platform-browser";
import { provideCarrel } from "@carrel/angular";
import type { ProbeProps, Skin } from "../probe.ts";
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

function skinOf(name: string, changeDetection: () => EnvironmentProviders): Skin {
  return {
    name,
    mount(target, props) {
      const latest = signal(props);
      const starting = startProbe(target, latest, changeDetection());
      return {
        update: (next) => latest.set(next),
        unmount: async () => (await starting).destroy(),
      };
    },
  };
}

export const angular: Skin = skinOf("Angular", provideZonelessChangeDetection);

/** The page has to load zone.js before. */
export const angularWithZone: Skin = skinOf("Angular with zone.js", provideZoneChangeDetection);
