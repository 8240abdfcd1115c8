import { ApiError } from "@/lib/api";
import { type DraftPlace, forgetLocal, localCopy, rememberLocal } from "./local-drafts";

export const PAUSE_MS = 800;
export const RETRY_MS = 4000;

export type SaveState<D = unknown> =
  | { kind: "clean" }
  | { kind: "saving" }
  | { kind: "saved"; at: Date }
  | { kind: "local" }
  | { kind: "conflict"; theirs: D; version: number }
  | { kind: "refused"; error: unknown };

export interface Kept<D> {
  draft: D;
  state: SaveState<D>;
  /** It is being handed in, or was: it stays as it is, so that what is handed in is what one sees. */
  isLocked: boolean;
}

/** Puts a draft on the server; answers with its new version and when that was. */
export type Send<D> = (draft: D, version: number) => Promise<{ version: number; saved_at: string }>;

/**
 * Keeps one draft: in the browser at once, on the server a moment later.
 *
 * One request at a time carries the draft, because each raises its version: a save that overtook a redraft would
 * look like a change from elsewhere. What was typed upon an older version than the server's is never sent by
 * itself; a person chooses.
 */
export class DraftKeeper<D extends object> {
  readonly wasRestored: boolean;
  private kept: Kept<D>;
  private listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy: Promise<void> | null = null;
  private carried: D | null = null;
  private closed = false;

  constructor(
    private readonly place: DraftPlace,
    private onServer: D,
    private version: number,
    private readonly send: Send<D>,
    private readonly same: (one: D, other: D) => boolean,
  ) {
    const local = localCopy(place, onServer, same);
    const current = local !== null && local.version === version;
    this.wasRestored = current;
    this.kept = {
      draft: local?.draft ?? onServer,
      state: local === null || current ? { kind: "clean" } : { kind: "conflict", theirs: onServer, version },
      isLocked: false,
    };
  }

  /** What a component shows; the same object until something changes. */
  snapshot = (): Kept<D> => this.kept;

  /** Be told of every change; returns how to stop listening. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.isDirty() && this.kept.state.kind === "clean") this.saveIn(PAUSE_MS);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Type, rate, tag or edit; not while it is locked. */
  change = (changes: Partial<D>): void => {
    if (this.kept.isLocked) return;
    const draft = { ...this.kept.draft, ...changes };
    this.show({ draft });
    rememberLocal(this.place, { draft, version: this.version });
    if (this.kept.state.kind !== "conflict") this.saveIn(PAUSE_MS);
  };

  /** Save what the server does not have yet; resolves when the attempt is over. */
  flush = async (): Promise<void> => {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
    if (this.closed || !this.isDirty() || this.kept.state.kind === "conflict") return;
    this.show({ state: { kind: "saving" } });
    try {
      await this.carry(async (draft, version) => {
        const saved = await this.send(draft, version);
        this.adopt(draft, saved.version, new Date(saved.saved_at));
      });
    } catch (error) {
      this.show({ state: toState<D>(error) });
      if (this.kept.state.kind === "local") this.saveIn(RETRY_MS);
    }
  };

  /** Do something that carries the draft to the server; saving waits until it is over. */
  carry = async <T>(act: (draft: D, version: number) => Promise<T>): Promise<T> => {
    while (this.busy) await this.busy;
    let release = () => {};
    this.busy = new Promise((done) => {
      release = done;
    });
    const { draft } = this.kept;
    try {
      return await act(draft, this.version);
    } catch (error) {
      if (!this.knows(error)) throw error;
      return await act(draft, this.version);
    } finally {
      this.carried = draft;
      this.busy = null;
      release();
    }
  };

  /** Hand the draft in: it is locked meanwhile, and stays so unless that fails. */
  handIn = async <T>(act: (draft: D, version: number) => Promise<T>): Promise<T> => {
    this.show({ isLocked: true });
    try {
      const done = await this.carry(act);
      this.close();
      this.show({ state: { kind: "saved", at: new Date() } });
      return done;
    } catch (error) {
      this.show({ isLocked: false });
      throw error;
    }
  };

  /** The server has `sent` under `version`; what was typed since is saved next. */
  adopt = (sent: D, version: number, at = new Date()): void => {
    this.onServer = sent;
    this.version = version;
    if (this.isDirty()) {
      this.show({ state: { kind: "saving" } });
      rememberLocal(this.place, { draft: this.kept.draft, version });
      this.saveIn(PAUSE_MS);
    } else {
      this.show({ state: { kind: "saved", at } });
      forgetLocal(this.place);
    }
  };

  /** Choose between two versions of the draft. */
  settle = (chosen: D): void => {
    const { state } = this.kept;
    if (state.kind !== "conflict") return;
    this.onServer = state.theirs;
    this.version = state.version;
    this.show({ draft: chosen, state: { kind: "clean" } });
    if (this.isDirty()) rememberLocal(this.place, { draft: chosen, version: state.version });
    else forgetLocal(this.place);
    void this.flush();
  };

  /** It is handed in or put aside: nothing is saved any more. */
  close = (): void => {
    this.closed = true;
    clearTimeout(this.timer);
    forgetLocal(this.place);
  };

  /**
   * Whether a refusal only tells what this browser did itself: a redraft or a submission that failed has saved the
   * draft all the same, and an answer can be lost on its way. Any other change elsewhere is shown to the person.
   */
  private knows(error: unknown): boolean {
    const state = toState<D>(error);
    if (state.kind !== "conflict") return false;
    if (this.carried && this.same(state.theirs, this.carried)) {
      this.onServer = state.theirs;
      this.version = state.version;
      return true;
    }
    this.show({ state });
    return false;
  }

  private isDirty(): boolean {
    return !this.same(this.kept.draft, this.onServer);
  }

  private saveIn(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, milliseconds);
  }

  private show(changes: Partial<Kept<D>>): void {
    this.kept = { ...this.kept, ...changes };
    for (const listener of this.listeners) listener();
  }
}

function toState<D>(error: unknown): SaveState<D> {
  if (!(error instanceof ApiError)) return { kind: "refused", error };
  if (error.status === 0 || error.status >= 500 || error.status === 401) return { kind: "local" };
  const server = error.details.server as { draft: D; version: number } | undefined;
  return server
    ? { kind: "conflict", theirs: server.draft, version: server.version }
    : { kind: "refused", error };
}
