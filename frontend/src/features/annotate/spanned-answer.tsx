import { type MouseEvent, useMemo, useRef } from "react";
import { Markdown } from "@/components/markdown";
import { SpanList } from "@/components/span-list";
import type { Stretch } from "@/lib/anchors";
import { type Severity, type Span, useMarks } from "@/lib/spans";
import { SeverityBar } from "./severity-bar";
import { SpanEditor } from "./span-editor";
import "./spanned-answer.css";
import { useKeys } from "@/lib/use-keys";
import { texts } from "./texts";
import { useMarking } from "./use-marking";
import { usePlace } from "./use-place";
import { useSelectedStretch } from "./use-selected-stretch";
import { useSpans } from "./use-spans";

interface SpannedAnswerProps {
  answer: string;
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
}

/** The answer, in which spans are marked with the mouse or by keyboard, and the list of the spans. */
export function SpannedAnswer({ answer, spans, onChange }: SpannedAnswerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const marks = useMarks(spans, answer);
  const { edited, ...held } = useSpans(answer, spans, onChange);
  const goOn = () => button.current?.focus({ preventScroll: true });

  const [selected, letGo] = useSelectedStretch(box, ".severity-bar", answer);
  const take = (stretch: Stretch, severity?: Severity) => {
    held.take(stretch, severity);
    letGo();
    window.getSelection()?.removeAllRanges();
  };
  const marking = useMarking(box, answer, take, goOn);
  useKeys(useMemo(() => ({ "Alt+M": marking.start }), [marking.start]));
  const chosen = edited === null && !marking.isOn ? selected : null;
  const chosenAt = usePlace(frame, box, chosen);
  const openAt = usePlace(frame, box, marks.find((mark) => mark.number - 1 === edited) ?? null);

  const openMark = ({ target }: MouseEvent) => {
    const mark = target instanceof Element ? target.closest<HTMLElement>("mark[data-numbers]") : null;
    if (mark && window.getSelection()?.isCollapsed)
      held.edit(Number.parseInt(mark.dataset.numbers ?? "", 10) - 1);
  };
  const close = () => {
    held.edit(null);
    if (document.activeElement?.closest(".span-editor")) goOn();
  };
  const remove = (place: number) => {
    held.remove(place);
    goOn();
  };
  const undo = () => {
    held.undo();
    goOn();
  };
  const hint = marking.isOn ? texts.markingKeys : texts.markHint;
  return (
    <div ref={frame} className="spanned stack">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it has a role while its keys act, and a button starts them */}
      <div
        ref={box}
        className="paper"
        tabIndex={-1}
        {...(marking.isOn && { role: "application", "aria-label": texts.marking })}
        data-marking={marking.isOn}
        onKeyDown={marking.onKeyDown}
        onBlur={marking.leave}
        onClick={openMark}
      >
        <Markdown marks={marks}>{answer}</Markdown>
      </div>
      {chosen && chosenAt && <SeverityBar place={chosenAt} onChoose={(severity) => take(chosen, severity)} />}
      {edited !== null && held.span && openAt && (
        <SpanEditor
          key={edited}
          span={held.span}
          place={openAt}
          onChange={(span) => held.change(edited, span)}
          onRemove={() => remove(edited)}
          onClose={close}
        />
      )}
      <div className="row">
        <button ref={button} type="button" className="button small" onClick={marking.start}>
          {texts.markSpan} <span className="keycap">Alt M</span>
        </button>
        {(marking.isOn || spans.length === 0) && <span className="small muted">{hint}</span>}
        <span className="visually-hidden" role="status">
          {marking.words}
        </span>
        {held.hasRemoved && (
          <span className="row small" role="status">
            {texts.spanRemoved}
            <button type="button" className="button quiet small" onClick={undo}>
              {texts.undo}
            </button>
          </span>
        )}
      </div>
      {spans.length > 0 && (
        <SpanList
          spans={spans}
          actions={(place) => (
            <SpanActions number={place + 1} onEdit={() => held.edit(place)} onRemove={() => remove(place)} />
          )}
        />
      )}
    </div>
  );
}

interface SpanActionsProps {
  number: number;
  onEdit: () => void;
  onRemove: () => void;
}

function SpanActions({ number, onEdit, onRemove }: SpanActionsProps) {
  const actions = [
    { name: texts.editSpan, about: texts.editSpanNumber(number), act: onEdit },
    { name: texts.removeSpan, about: texts.removeSpanNumber(number), act: onRemove },
  ];
  return actions.map(({ name, about, act }) => (
    <button key={name} type="button" className="button quiet small" aria-label={about} onClick={act}>
      {name}
    </button>
  ));
}
