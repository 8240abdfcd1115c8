import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/lib/api";
import { chat, pieceOf } from "./gateway";

const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const SETTINGS = { model: "production", temperature: 0, max_tokens: 8 };

function answerWith(response: Response): void {
  vi.stubGlobal("fetch", () => Promise.resolve(response));
}

async function collect(): Promise<string> {
  let text = "";
  const signal = new AbortController().signal;
  for await (const piece of chat("demo", [{ role: "user", content: "Hi" }], SETTINGS, signal)) text += piece;
  return text;
}

afterEach(() => vi.unstubAllGlobals());

describe("a streamed answer", () => {
  it("is its pieces up to the end mark", async () => {
    answerWith(new Response(`${chunk("Rain")}${chunk(" falls.")}data: [DONE]\n\n${chunk("never")}`));
    expect(await collect()).toBe("Rain falls.");
  });

  it("that breaks off is an error, not an answer", async () => {
    answerWith(new Response(chunk("Rain")));
    await expect(collect()).rejects.toMatchObject({ code: "cut_off" });
  });

  it("that is refused speaks in the server's words", async () => {
    const body = JSON.stringify({ code: "engine_unavailable", message: "The engine is away.", details: {} });
    answerWith(new Response(body, { status: 503 }));
    await expect(collect()).rejects.toThrow("The engine is away.");
  });

  it("says so when there is no network", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(collect()).rejects.toMatchObject({ status: 0, code: "offline" });
  });
});

describe("a chunk", () => {
  it("may add nothing", () => {
    expect(pieceOf('{"choices":[{"delta":{"role":"assistant"}}]}')).toBe("");
    expect(pieceOf('{"choices":[]}')).toBe("");
  });

  it("may report a failure of the engine", () => {
    expect(() => pieceOf('{"error":{"message":"out of memory"}}')).toThrow(ApiError);
  });
});
