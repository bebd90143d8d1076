import { createElement, StrictMode } from "react";
import type { ReactElement } from "react";
import { createRoot } from "react-dom/client";
import type { ProbeProps, Skin } from "../probe.ts";
import { Probe } from "./probe.ts";

/** In StrictMode every component is mounted twice, but only where StrictMode is the root. */
export function strictProbe(props: ProbeProps): ReactElement {
  return createElement(StrictMode, null, createElement(Probe, props));
}

export const react: Skin = {
  name: "React",
  mount(target, props) {
    const root = createRoot(target);
    root.render(strictProbe(props));
    return {
      update: (next) => root.render(strictProbe(next)),
      unmount: () => root.unmount(),
    };
  },
};
