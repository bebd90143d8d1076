import { flushSync, mount, unmount } from "svelte";
import type { ProbeProps, Skin } from "../probe.ts";
import Probe from "./Probe.svelte";

export const svelte: Skin = {
  name: "Svelte",
  mount(target, props) {
    let latest = $state.raw(props);
    const names = ["client", "itemId", "options", "viewers", "fileName", "lists", "download"] as const;
    const live = Object.defineProperties(
      {},
      Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => latest[name] }])),
    ) as ProbeProps;
    const component = mount(Probe, { target, props: live });
    flushSync();
    return {
      update(next) {
        latest = next;
        flushSync();
      },
      unmount: () => unmount(component),
    };
  },
};
