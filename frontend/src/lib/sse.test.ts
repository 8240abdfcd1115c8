import { describe, expect, it } from "vitest";
import { readEvents } from "@/lib/sse";

function stream(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
}

async function all(body: ReadableStream<Uint8Array>) {
  const found = [];
  for await (const event of readEvents(body)) found.push(event);
  return found;
}

describe("server-sent events", () => {
  it("are read whole, however the network cuts them", async () => {
    const found = await all(
      stream("event: del", 'ta\ndata: {"text"', ': "a"}\n', "\nevent: done\ndata: {}\n\n"),
    );
    expect(found).toEqual([
      { name: "delta", data: '{"text": "a"}' },
      { name: "done", data: "{}" },
    ]);
  });

  it("keep characters of several bytes together", async () => {
    const bytes = new TextEncoder().encode("data: é😀\n\n");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    expect(await all(body)).toEqual([{ name: "message", data: "é😀" }]);
  });

  it("drop what was cut off in the middle", async () => {
    expect(await all(stream("data: whole\n\ndata: cut"))).toEqual([{ name: "message", data: "whole" }]);
  });
});
