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
  readonly origin: string;
  readonly clientTokenHeaders: readonly string[];
  readonly send: SendRequest;
  readonly observer: Observer;
  readonly repeat: Repeat;
  /** Aborts when the client is closed; the probe is then not attempted again. */
  readonly closing: AbortSignal;
}

/**
 * Returns the codec of the style in use. Where the style is unknown, all callers share one probe, and its result is
 * kept.
 */
export function createCodecChooser(
  settings: CodecChooserSettings,
): (signal: AbortSignal | undefined) => Promise<WireCodec> {
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
        attempt: () => detectStyle(settings.origin, (request) => settings.send(request, options)),
        recover: async (error) => (afterFailure("safe", error) === "repeat" ? "repeat" : "give-up"),
      });
      settings.observer.emit({ type: "style", style, status });
      chosen = codecs[style];
      return chosen;
    } finally {
      probe = undefined;
    }
  }

  return async (signal) => {
    if (chosen) return chosen;
    probe ??= detect();
    return abortable(probe, signal);
  };
}
