import type { ManualClock } from "./manual-clock.ts";
import type { Received, Scripted, ScriptedServer } from "./scripted-server.ts";
import { startScriptedServer } from "./scripted-server.ts";
import { withLogin } from "./test-client.ts";

export type ServiceCall = "create" | "get" | "keep-alive" | "cancel" | "delete" | "file" | "prepare";

export interface SessionService extends ScriptedServer {
  /** What was called since the login, in order. */
  readonly calls: readonly ServiceCall[];
  /** Answers the next calls of a kind instead of the ordinary answer. */
  readonly script: Partial<Record<ServiceCall, Scripted[]>>;
  /** Says how far the server is with the file. */
  setFile(file: object): void;
}

const epochMs = Date.parse("2026-01-01T00:00:00Z");
const base = "/api/content/library/item/download-session";

/** The download sessions of one item on a real server, whose clock is the test's. */
export async function startSessionService(clock: ManualClock, lifeMs = 300_000): Promise<SessionService> {
  const calls: ServiceCall[] = [];
  const script: SessionService["script"] = {};
  const state = { file: {} as object };
  let expiresMs = 0;
  let progress = 0;

  function ordinary(call: ServiceCall, request: Received): Scripted {
    const nowMs = epochMs + clock.now();
    const headers = { date: new Date(nowMs).toUTCString() };
    switch (call) {
      case "create":
        expiresMs = nowMs + lifeMs;
        return { status: 201, body: '"s:1"', headers: { ...headers, "content-type": "application/json" } };
      case "get":
        return {
          status: 200,
          headers,
          body: {
            library_item_id: "item-1",
            library_item_content_version: "3",
            client_progress: progress,
            state: "ACTIVE",
            expiration_time: new Date(expiresMs).toISOString(),
          },
        };
      case "keep-alive":
        expiresMs = nowMs + lifeMs;
        if (request.body) progress = (JSON.parse(request.body) as { progress: number }).progress;
        return { status: 204, headers };
      case "file":
      case "prepare":
        return { status: 200, headers, body: state.file };
      default:
        return { status: 204, headers };
    }
  }

  const server = await startScriptedServer(
    withLogin((request) => {
      const call = callOf(request);
      calls.push(call);
      return script[call]?.shift() ?? ordinary(call, request);
    }),
  );
  return { ...server, calls, script, setFile: (file) => void (state.file = file) };
}

function callOf(request: Received): ServiceCall {
  const action = new URL(request.target, "http://x").searchParams.get("action");
  if (action) return action as ServiceCall;
  if (request.target === base) return "create";
  if (request.target.includes("/file")) return "file";
  return request.method === "DELETE" ? "delete" : "get";
}
