import { createElement, StrictMode } from "react";
import type { ReactElement } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import type { MountedProbe, ProbeProps, Skin } from "../probe.ts";
import { Probe } from "./probe.ts";

/** In StrictMode every component is mounted twice, but only where StrictMode is the root. */
function strictProbe(props: ProbeProps): ReactElement {
  return createElement(StrictMode, null, createElement(Probe, props));
}

export const react: Skin = {
  name: "React",
  server: ["react/server.ts", "renderReact"],
  mount(target, props) {
    const root = createRoot(target);
    root.render(strictProbe(props));
    return mounted(root);
  },
  // Without `onRecoverableError`, React reports a mismatch to the window, where it fails the test.
  hydrate: (target, props) => mounted(hydrateRoot(target, strictProbe(props))),
};

const mounted = (root: Root): MountedProbe => ({
  update: (next) => root.render(strictProbe(next)),
  unmount: () => root.unmount(),
});
