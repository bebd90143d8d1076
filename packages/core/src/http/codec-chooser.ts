import type { SendRequest } from "./exchange.ts";
import { longestErrorBytes } from "./exchange.ts";
import type { Repeat } from "./repeat.ts";
import { afterFailure } from "./retry.ts";
import type { Observer } from "../diagnostics.ts";
import { abortable } from "../kit/signals.ts";
import { apiCodec } from "../wire/api-codec.ts";
import type { WireCodec, WireStyle } from "../wire/codec.ts";
import { detectStyle } from "./detect.ts";
import { restCodec } from "../wire/rest-codec.ts";

export interface CodecChooserSettings {
  readonly wire: WireStyle | "auto";
  /** What stands before the target of each request. */
  readonly base: string;
  /** The style that calls use first where `wire` is `auto`, so that their answers show whether it is the right one. */
  readonly presumed: WireStyle | undefined;
  readonly clientTokenHeaders: readonly string[];
  readonly send: SendRequest;
  readonly observer: Observer;
  readonly repeat: Repeat;
  /** Aborts when the client is closed; the probe is then not attempted again. */
  readonly closing: AbortSignal;
}

/** Knows the wire style in use, or finds it. */
export interface CodecChooser {
  /** The codec to try first, as long as the style is unknown and no probe was necessary. */
  readonly presumed: WireCodec | undefined;
  /** Keeps the presumed codec, after an answer that follows it. */
  keep(codec: WireCodec, status: number): void;
  /**
   * Returns the codec of the style in use. Where the style is unknown, all callers share one probe, and its result is
   * kept.
   */
  find(signal: AbortSignal | undefined): Promise<WireCodec>;
}

/** Makes the chooser of one client. */
export function createCodecChooser(settings: CodecChooserSettings): CodecChooser {
  const codecs: Record<WireStyle, WireCodec> = { api: apiCodec(settings.clientTokenHeaders), rest: restCodec };
  let chosen: WireCodec | undefined = settings.wire === "auto" ? undefined : codecs[settings.wire];
  let probe: Promise<WireCodec> | undefined;

  async function detect(): Promise<WireCodec> {
    try {
      const call = { operation: "wireStyle", context: {} };
      const options = {
        headers: {},
        signal: undefined,
        timeoutMs: 30_000,
        call,
        longestAnswerBytes: longestErrorBytes,
      };
      const { style, status } = await settings.repeat({
        operation: call.operation,
        signals: [settings.closing],
        attempt: () => detectStyle(settings.base, (request) => settings.send(request, options)),
        recover: async (error) => (afterFailure("safe", error) === "repeat" ? "repeat" : "give-up"),
      });
      settings.observer.emit({ type: "style", style, status });
      chosen = codecs[style];
      return chosen;
    } finally {
      probe = undefined;
    }
  }

  return {
    get presumed() {
      return chosen || !settings.presumed ? undefined : codecs[settings.presumed];
    },
    keep(codec, status) {
      if (chosen) return;
      chosen = codec;
      settings.observer.emit({ type: "style", style: codec.style, status });
    },
    async find(signal) {
      if (chosen) return chosen;
      probe ??= detect();
      return abortable(probe, signal);
    },
  };
}
