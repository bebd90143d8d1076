import { flushSync, hydrate, mount, unmount } from "svelte";
import type { MountedProbe, ProbeProps, Skin } from "../probe.ts";
import Probe from "./Probe.svelte";

export const svelte: Skin = {
  name: "Svelte",
  server: ["svelte/server.ts", "renderSvelte"],
  mount: (target, props) => start(mount, target, props),
  hydrate: (target, props) => start(hydrate, target, props),
};

function start(begin: typeof mount | typeof hydrate, target: HTMLElement, props: ProbeProps): MountedProbe {
  let latest = $state.raw(props);
  const names = ["client", "itemId", "options", "viewers", "fileName", "lists", "download"] as const;
  const live = Object.defineProperties(
    {},
    Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => latest[name] }])),
  ) as ProbeProps;
  const component = begin(Probe, { target, props: live });
  flushSync();
  return {
    update(next) {
      latest = next;
      flushSync();
    },
    unmount: () => unmount(component),
  };
}
