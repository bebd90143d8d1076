import type { DownloadEvent } from "@carrel/core";
import { describe, expect, test, vi } from "vitest";
import { fileName, openLibrary, until } from "./library.ts";
import type { MountedProbe, ProbeProps, Skin } from "./probe.ts";
import { TabClock } from "./tab-clock.ts";

/** A probe on the page, and what it shows. */
interface Page extends Disposable {
  /** The texts of all elements of a class. */
  texts(name: string): readonly string[];
  /** What the first session of the page has shown, without repetitions. */
  readonly phases: readonly string[];
  mount(props: ProbeProps): MountedProbe;
  /** Shows what a server has rendered, and returns where. */
  show(html: string): HTMLElement;
}

function openPage(skin: Skin): Page {
  const root = document.createElement("main");
  document.body.append(root);
  const phases: string[] = [];
  const texts = (name: string): readonly string[] =>
    [...root.querySelectorAll(`.${name}`)].map((element) => element.textContent ?? "");
  const observer = new MutationObserver(() => {
    const phase = texts("session")[0]?.split(" ")[0];
    if (phase !== undefined && phase !== phases.at(-1)) phases.push(phase);
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true });
  return {
    texts,
    phases,
    mount(props) {
      const target = document.createElement("div");
      root.replaceChildren(target);
      return skin.mount(target, props);
    },
    show(html) {
      const target = document.createElement("div");
      target.innerHTML = html;
      root.replaceChildren(target);
      return target;
    },
    [Symbol.dispose]() {
      observer.disconnect();
      root.remove();
    },
  };
}

const brief = { lingerMs: 10 } as const;
/** So short that a session renews itself, or notices its loss, within half a second. */
const lifeMs = 1_500;
const activeText = /^active \S+ \d+$/u;

/** Waits until the sessions of the page are held, and returns their identifiers. */
async function untilActive(page: Page, viewers = 1): Promise<readonly string[]> {
  await until(() => expect(page.texts("session")).toEqual(Array(viewers).fill(expect.stringMatching(activeText))));
  return page.texts("session").map((text) => text.split(" ")[1] ?? "");
}

/** The table: what holds for every framework, by its own renderer. */
export function describeSkin(skin: Skin): void {
  describe(`the table in ${skin.name}`, () => {
    test("shows the phases of one session, and ends it after the unmount", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const probe = page.mount({ client: library.client, itemId: "item-1", options: brief });
      const [id] = await untilActive(page);
      expect(page.phases.filter((phase) => phase !== "pending")).toEqual(["opening", "active"]);
      expect((await library.view()).openSessions).toEqual([id]);
      await probe.unmount();
      await library.untilNoneOpen();
      expect([await library.called("create"), await library.called("delete")]).toEqual([1, 1]);
    });

    test("hydrates what a server has rendered without a session, with no warning, and opens one session", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const props = { itemId: "item-1", options: brief, viewers: 2, fileName };
      const html = await library.render(skin, props);
      expect((await library.view()).calls).toEqual({});
      const warnings = [vi.spyOn(console, "warn"), vi.spyOn(console, "error")];
      try {
        const target = page.show(html);
        const rendered = [...target.querySelectorAll(".session, .file")];
        expect(rendered.map((element) => element.textContent)).toEqual(Array(4).fill("pending"));
        const probe = skin.hydrate(target, { ...props, client: library.client });
        await untilActive(page, 2);
        await until(() => expect(page.texts("file")).toEqual(Array(2).fill(expect.stringMatching(/^http/u))));
        // The elements of the server were kept, not rendered again.
        expect(rendered.map((element) => element.isConnected)).toEqual(Array(4).fill(true));
        await probe.unmount();
        // NG0912 is about these tests: each compiles its own classes of Angular with the same selectors.
        const texts = warnings.flatMap(({ mock }) => mock.calls).map((values) => values.join(" "));
        expect(texts.filter((text) => !text.startsWith("NG0912"))).toEqual([]);
      } finally {
        for (const warning of warnings) warning.mockRestore();
      }
      expect(await library.called("create")).toBe(1);
    });

    test("opens nothing without an item", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const probe = page.mount({ client: library.client, options: brief });
      await until(() => expect(page.texts("session")).toEqual(["pending"]));
      await probe.update({ client: library.client, options: brief, itemId: "item-1" });
      await untilActive(page);
      await probe.update({ client: library.client, options: brief });
      await until(() => expect(page.texts("session")).toEqual(["pending"]));
      await library.untilNoneOpen();
      await probe.unmount();
      expect(await library.called("create")).toBe(1);
    });

    test("keeps the session for a mount within the linger, and opens another after it", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const props = { client: library.client, itemId: "item-1", options: { lingerMs: 1_000 } };
      const first = page.mount(props);
      const ids = [...(await untilActive(page))];
      await first.unmount();
      const second = page.mount(props);
      ids.push(...(await untilActive(page)));
      await second.unmount();
      await library.untilNoneOpen();
      const third = page.mount(props);
      ids.push(...(await untilActive(page)));
      await third.unmount();
      expect(ids[1]).toBe(ids[0]);
      expect(ids[2]).not.toBe(ids[0]);
      await library.untilNoneOpen();
      expect(await library.called("create")).toBe(2);
    });

    test("ends the session of one item and opens that of another when the item changes", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const probe = page.mount({ client: library.client, itemId: "item-1", options: brief });
      const [first] = await untilActive(page);
      await probe.update({ client: library.client, itemId: "item-2", options: brief });
      await until(() => expect(page.texts("session")[0]).not.toContain(first));
      const [second] = await untilActive(page);
      await until(async () => expect((await library.view()).openSessions).toEqual([second]));
      await probe.unmount();
    });

    test("opens a new session after a loss, with another endpoint of the file", async () => {
      await using library = await openLibrary({ lifeMs });
      using page = openPage(skin);
      const options = { ...brief, reopen: { baseDelayMs: 1 } };
      const probe = page.mount({ client: library.client, itemId: "item-1", options, fileName });
      const [first] = await untilActive(page);
      await until(() => expect(page.texts("file")).toEqual([expect.stringMatching(/^http/u)]));
      const [uri = ""] = page.texts("file");
      await library.expire();
      await until(() => expect(page.texts("session")[0]).not.toContain(first));
      await untilActive(page);
      await until(() => expect(page.texts("file")).toEqual([expect.stringMatching(/^http/u)]));
      expect(page.texts("file")[0]).not.toBe(uri);
      expect((await fetch(page.texts("file")[0] ?? "")).status).toBe(200);
      await probe.unmount();
      expect(await library.called("create")).toBe(2);
    });

    test("shows a loss as an error where no new session is opened", async () => {
      await using library = await openLibrary({ lifeMs });
      using page = openPage(skin);
      const options = { ...brief, reopen: false } as const;
      const probe = page.mount({ client: library.client, itemId: "item-1", options });
      await untilActive(page);
      await library.expire();
      await until(() => expect(page.texts("session")).toEqual(["error SESSION_LOST"]));
      await probe.unmount();
      expect(await library.called("create")).toBe(1);
    });

    test("shows the errors of the server", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const probe = page.mount({ client: library.client, itemId: "item-1", options: brief, fileName: "none.iso" });
      await until(() => expect(page.texts("file")).toEqual(["error PREPARE_FAILED"]));
      await probe.update({ client: library.client, itemId: "no-item", options: brief });
      await until(() => expect(page.texts("session")).toEqual(["error NOT_FOUND"]));
      await probe.unmount();
    });

    test("shares the session among two components, until the last one leaves", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const props = { client: library.client, itemId: "item-1", options: brief, lists: true };
      const probe = page.mount({ ...props, viewers: 2 });
      const ids = await untilActive(page, 2);
      expect(ids[0]).toBe(ids[1]);
      await until(() => expect(page.texts("list")).toEqual(["1 sessions"]));
      await probe.update({ ...props, viewers: 1 });
      expect(await untilActive(page)).toEqual([ids[0]]);
      await probe.update({ ...props, viewers: 0 });
      await until(() => expect(page.texts("list")).toEqual(["0 sessions"]));
      await probe.unmount();
      expect([await library.called("create"), await library.called("delete")]).toEqual([1, 1]);
    });

    test("runs a download once, shows its progress, and aborts it after the unmount", async () => {
      await using library = await openLibrary();
      using page = openPage(skin);
      const signals: AbortSignal[] = [];
      async function* download(signal: AbortSignal): AsyncGenerator<DownloadEvent> {
        signals.push(signal);
        yield { type: "transferring", file: fileName, receivedBytes: 3, totalBytes: 8, bytesPerSecond: 1 };
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
      }
      const probe = page.mount({ client: library.client });
      await until(() => expect(page.texts("download")).toEqual(["pending"]));
      await probe.update({ client: library.client, download });
      await until(() => expect(page.texts("download")).toEqual([expect.stringMatching(/ 3$/u)]));
      await probe.unmount();
      await until(() => expect(signals.map((signal) => signal.aborted)).toEqual([true]));
    });

    test("renews the session once when a hidden tab is shown in time", async () => {
      const clock = new TabClock();
      await using library = await openLibrary({ virtual: true }, clock);
      using page = openPage(skin);
      const probe = page.mount({ client: library.client, itemId: "item-1", options: brief });
      const [id] = await untilActive(page);
      clock.hide(4 * 60_000);
      await library.advance(4 * 60_000);
      expect(await library.called("keepAlive")).toBe(0);
      clock.show();
      await until(() => expect(page.texts("session")).toEqual([`active ${id} 1`]));
      expect(await library.called("keepAlive")).toBe(1);
      await probe.unmount();
    });

    test("reports one loss when a hidden tab is shown too late", async () => {
      const clock = new TabClock();
      await using library = await openLibrary({ virtual: true }, clock);
      using page = openPage(skin);
      const options = { ...brief, reopen: false } as const;
      const probe = page.mount({ client: library.client, itemId: "item-1", options });
      await untilActive(page);
      clock.hide(15 * 60_000);
      await library.advance(15 * 60_000);
      clock.show();
      await until(() => expect(page.texts("session")).toEqual(["error SESSION_LOST"]));
      expect(page.phases.filter((phase) => phase === "error")).toHaveLength(1);
      await probe.unmount();
      expect(await library.called("create")).toBe(1);
    });
  });
}
