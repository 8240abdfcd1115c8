import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { Field } from "@/components/field";
import { KeyList } from "@/components/key-list";
import { SavedState } from "@/components/saved-state";
import { Problem } from "@/components/states";
import { ApiError } from "@/lib/api";
import { DraftKeeper } from "@/lib/draft-keeper";
import { useKeys } from "@/lib/use-keys";
import {
  holdPair,
  type Origin,
  type PairAssignment,
  type PreferenceDraft,
  savePreference,
  submitPreference,
} from "@/queries/comparisons";
import { DraftConflict } from "./draft-conflict";
import { Revealed } from "./revealed";
import { SkipPair } from "./skip-pair";
import { Strength } from "./strength";
import { texts } from "./texts";
import { TwoAnswers } from "./two-answers";

const HEARTBEAT_MS = 60_000;

interface PairDeskProps {
  project: string;
  assignment: PairAssignment;
  counts: string;
  onAdvance: () => Promise<void>;
}

const same = (one: PreferenceDraft, other: PreferenceDraft) =>
  one.choice === other.choice && one.text === other.text;

/** One pair on the desk: read both, say which is better and why, hand it in. */
export function PairDesk({ project, assignment, counts, onAdvance }: PairDeskProps) {
  const { id, draft: onServer, draft_version } = assignment.preference;
  const [keeper] = useState(
    () =>
      new DraftKeeper<PreferenceDraft>(
        `preference-${id}`,
        { choice: onServer.choice ?? null, text: onServer.text ?? "" },
        draft_version,
        (draft, version) => savePreference(id, draft, version),
        same,
      ),
  );
  const { draft, state, isLocked } = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const [open, setOpen] = useState<"keys" | "skip" | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [origin, setOrigin] = useState<Origin | null>(null);
  const key = useRef(crypto.randomUUID());
  const why = useRef<HTMLTextAreaElement>(null);

  useEffect(() => () => void keeper.flush(), [keeper]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible")
        holdPair(id).catch((error) => {
          if (error instanceof ApiError && error.status === 409) setFailure(error);
        });
    }, HEARTBEAT_MS);
    return () => clearInterval(timer);
  }, [id]);

  const handIn = useCallback(async () => {
    if (busy) return;
    if (draft.choice === null) return setFailure(new Error(texts.choose));
    setBusy(true);
    setFailure(null);
    try {
      const answered = await keeper.handIn((sent, version) =>
        submitPreference(id, sent, version, key.current),
      );
      if (answered.origin) setOrigin(answered.origin);
      else await onAdvance();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }, [busy, draft.choice, keeper, id, onAdvance]);

  const choose = useCallback(
    (choice: number) => {
      setFailure(null);
      keeper.change({ choice });
    },
    [keeper],
  );
  const actions = useMemo((): Record<string, () => void> => {
    if (origin) return { "Ctrl+Enter": onAdvance };
    const steps = texts.strengths.map((_, place) => [String(place + 1), () => choose(place + 1)]);
    return {
      ...Object.fromEntries(steps),
      "Ctrl+Enter": handIn,
      W: () => why.current?.focus(),
      S: () => setOpen("skip"),
      "?": () => setOpen("keys"),
    };
  }, [origin, onAdvance, choose, handIn]);
  useKeys(actions);

  const lost = failure instanceof ApiError && failure.details.reason === "slot_filled";
  return (
    <main className="desk" id="content">
      <header className="desk-top">
        <h1 className="visually-hidden">{texts.title}</h1>
        <span className="small muted">{counts}</span>
        <SavedState state={state} isLocked={busy} />
        <span className="desk-links">
          <button type="button" className="button quiet small by-key" onClick={() => setOpen("keys")}>
            <span className="keycap">?</span> {texts.keys}
          </button>
          <Link className="button quiet small" to="/$project/compare" params={{ project }}>
            {texts.exit}
          </Link>
        </span>
      </header>
      {state.kind === "conflict" && (
        <DraftConflict mine={draft} theirs={state.theirs} onChoose={keeper.settle} />
      )}
      <div className="pair-body">
        <TwoAnswers assignment={assignment} origin={origin} />
        {origin ? (
          <Revealed choice={draft.choice} origin={origin} />
        ) : (
          <section className="card stack verdict" aria-label={texts.which} aria-busy={isLocked}>
            <Strength value={draft.choice} onChange={choose} />
            <Field label={texts.why} hint={texts.whyHint}>
              {(ids) => (
                <textarea
                  {...ids}
                  ref={why}
                  rows={3}
                  maxLength={5000}
                  readOnly={isLocked}
                  value={draft.text}
                  onChange={(event) => keeper.change({ text: event.target.value })}
                />
              )}
            </Field>
          </section>
        )}
      </div>
      <footer className="desk-bottom">
        <span className="row">
          {!origin && (
            <button type="button" className="button quiet" onClick={() => setOpen("skip")}>
              {texts.skip} <span className="keycap">S</span>
            </button>
          )}
        </span>
        <span className="desk-failure">
          {failure !== null && <Problem error={lost ? new Error(texts.lost) : failure} />}
        </span>
        {origin || lost ? (
          <button type="button" className="button primary" onClick={onAdvance}>
            {texts.next} <span className="keycap">Ctrl ⏎</span>
          </button>
        ) : (
          <button type="button" className="button primary" onClick={handIn} disabled={busy}>
            {isLocked ? texts.submitting : texts.submit} <span className="keycap">Ctrl ⏎</span>
          </button>
        )}
      </footer>
      {open === "keys" && <KeyList keys={texts.keyList} onClose={() => setOpen(null)} />}
      {open === "skip" && (
        <SkipPair
          preference={id}
          onClose={() => setOpen(null)}
          onDone={async () => {
            keeper.close();
            await onAdvance();
          }}
        />
      )}
    </main>
  );
}
