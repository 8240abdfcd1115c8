import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/lib/api";
import { DraftKeeper, PAUSE_MS, RETRY_MS } from "@/lib/draft-keeper";
import type { Draft } from "@/queries/critiques";
import { sameDraft } from "./same-draft";

const EMPTY: Draft = { text: "", rating: null, tags: [], edit: null };
const says = (text: string): Draft => ({ ...EMPTY, text });

/** The server's side of one draft: refuses stale versions, may be away, may be slow. */
class Server {
  draft = EMPTY;
  version = 1;
  isAway = false;
  pause: Promise<void> = Promise.resolve();

  put = async (draft: Draft, version: number) => {
    await this.pause;
    if (this.isAway) throw new ApiError(0, "offline", "", {});
    if (version !== this.version)
      throw new ApiError(409, "conflict", "", { server: { draft: this.draft, version: this.version } });
    this.draft = draft;
    this.version += 1;
    return { version: this.version, saved_at: "2026-11-24T12:00:00Z" };
  };

  open = () => {
    const keeper = new DraftKeeper(7, this.draft, this.version, this.put, sameDraft);
    keeper.subscribe(() => {});
    return keeper;
  };
}

describe("a draft", () => {
  let server: Server;
  beforeEach(() => {
    localStorage.clear();
    vi.useFakeTimers();
    server = new Server();
  });
  afterEach(() => vi.useRealTimers());

  it("is on the server a moment after the last key", async () => {
    const keeper = server.open();
    keeper.change({ text: "Too lo" });
    keeper.change({ text: "Too long." });
    expect(server.draft).toEqual(EMPTY);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(server.draft).toEqual(says("Too long."));
    expect(server.version).toBe(2);
    expect(keeper.snapshot().state.kind).toBe("saved");
  });

  it("stays in the browser while the server is away, and is sent when it is back", async () => {
    const keeper = server.open();
    server.isAway = true;
    keeper.change({ text: "In a tunnel." });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(keeper.snapshot().state.kind).toBe("local");
    server.isAway = false;
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(server.draft).toEqual(says("In a tunnel."));
  });

  it("is restored after a reload, and saved by itself", async () => {
    server.open().change({ text: "Typed, then the tab was closed." });
    const reopened = server.open();
    expect(reopened.wasRestored).toBe(true);
    expect(reopened.snapshot().draft.text).toBe("Typed, then the tab was closed.");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(server.draft.text).toBe("Typed, then the tab was closed.");
  });

  it("typed upon an older version does not overwrite what another device wrote", async () => {
    server.open().change({ text: "from the laptop" });
    vi.clearAllTimers();
    await server.put(says("from the phone"), 1);
    const reopened = server.open();
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(server.draft.text).toBe("from the phone");
    expect(reopened.snapshot().draft.text).toBe("from the laptop");
    expect(reopened.snapshot().state).toEqual({
      kind: "conflict",
      theirs: says("from the phone"),
      version: 2,
    });
  });

  it("that was saved leaves no copy to come back over later changes", async () => {
    server.open().change({ text: "first" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    await server.put(says("second, elsewhere"), 2);
    expect(server.open().snapshot()).toMatchObject({
      draft: says("second, elsewhere"),
      state: { kind: "clean" },
    });
  });

  it("changed elsewhere meanwhile waits for a person, and the choice is saved at once", async () => {
    const keeper = server.open();
    await server.put(says("theirs"), 1);
    keeper.change({ text: "mine" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(keeper.snapshot().state.kind).toBe("conflict");
    keeper.change({ text: "mine, more" });
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(server.draft.text).toBe("theirs");
    keeper.settle(keeper.snapshot().draft);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.draft.text).toBe("mine, more");
    expect(keeper.snapshot().state.kind).toBe("saved");
  });

  it("typed while a redraft is asked for is saved after it, under the new version", async () => {
    const keeper = server.open();
    keeper.change({ text: "Too long." });
    const asked = keeper.carry(async (draft, version) => {
      await vi.advanceTimersByTimeAsync(PAUSE_MS);
      keeper.change({ text: "Too long. And off the point." });
      const saved = await server.put(draft, version);
      keeper.adopt(draft, saved.version);
    });
    await asked;
    expect(server.draft.text).toBe("Too long.");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(server.draft.text).toBe("Too long. And off the point.");
    expect(keeper.snapshot().state.kind).toBe("saved");
    expect(server.version).toBe(3);
  });

  it("typed while a save is under way is saved next", async () => {
    let arrive = () => {};
    server.pause = new Promise((done) => {
      arrive = done;
    });
    const keeper = server.open();
    keeper.change({ text: "one" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    keeper.change({ text: "one two" });
    arrive();
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(server.draft.text).toBe("one two");
  });

  it("that a failed redraft has saved is not taken for a change elsewhere", async () => {
    const keeper = server.open();
    keeper.change({ text: "Too long." });
    const refused = keeper.carry(async (draft, version) => {
      await server.put(draft, version);
      throw new ApiError(503, "unavailable", "The engine is away.", {});
    });
    await expect(refused).rejects.toThrow("away");
    keeper.change({ text: "Too long, and dull." });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(server.draft.text).toBe("Too long, and dull.");
    expect(keeper.snapshot().state.kind).toBe("saved");
  });

  it("that a refused submission has saved can be handed in again at once", async () => {
    const keeper = server.open();
    keeper.change({ text: "?" });
    const submit = async (draft: Draft, version: number) => (await server.put(draft, version)).version;
    const refused = keeper.carry(async (draft, version) => {
      await submit(draft, version);
      throw new ApiError(400, "invalid", "", { field: "text" });
    });
    await expect(refused).rejects.toBeInstanceOf(ApiError);
    await expect(keeper.carry(submit)).resolves.toBe(3);
  });

  it("is not saved any more once it was handed in", async () => {
    const keeper = server.open();
    keeper.change({ text: "handed in" });
    keeper.close();
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(server.version).toBe(1);
    expect(localStorage.length).toBe(0);
  });

  it("cannot be changed from the moment it is handed in, so that nothing typed is dropped", async () => {
    const keeper = server.open();
    keeper.change({ text: "All of it." });
    const handed = keeper.handIn(async (draft, version) => {
      await vi.advanceTimersByTimeAsync(PAUSE_MS);
      return server.put(draft, version);
    });
    keeper.change({ text: "All of it. And more" });
    expect(keeper.snapshot()).toMatchObject({ draft: says("All of it."), isLocked: true });
    await handed;
    keeper.change({ text: "Too late." });
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect([keeper.snapshot().draft, server.draft]).toEqual([says("All of it."), says("All of it.")]);
    expect(keeper.snapshot()).toMatchObject({ isLocked: true, state: { kind: "saved" } });
    expect(localStorage.length).toBe(0);
  });

  it("can be changed again when handing it in fails, and is kept", async () => {
    const keeper = server.open();
    keeper.change({ text: "?" });
    const refused = keeper.handIn(async () => {
      throw new ApiError(0, "offline", "", {});
    });
    await expect(refused).rejects.toBeInstanceOf(ApiError);
    keeper.change({ text: "? Why?" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(server.draft.text).toBe("? Why?");
  });
});
