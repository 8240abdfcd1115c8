import { type FocusEvent, type KeyboardEvent, useEffect, useId, useRef } from "react";
import { Field } from "@/components/field";
import { SeverityBadge } from "@/components/span-list";
import { MAX_NOTE, SEVERITIES, type Span } from "@/lib/spans";
import { texts } from "./texts";

interface SpanEditorProps {
  span: Span;
  place: { top: number; left: number };
  onChange: (span: Span) => void;
  onRemove: () => void;
  onClose: () => void;
}

/** The note and the severity of a span, beside it; every change is in the draft at once, so closing loses nothing. */
export function SpanEditor({ span, place, onChange, onRemove, onClose }: SpanEditorProps) {
  const name = useId();
  const note = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    note.current?.focus({ preventScroll: true });
    note.current?.closest(".span-editor")?.scrollIntoView({ block: "nearest" });
  }, []);
  // No key goes through to the page: "S" would skip the answer, Ctrl+Enter hand it in with the note half written.
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const isEnter = event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing;
    const onButton = event.target instanceof HTMLButtonElement;
    if (event.key === "Escape" || (isEnter && !onButton)) {
      event.preventDefault();
      onClose();
    }
  };
  const onBlur = (event: FocusEvent) => {
    if (document.hasFocus() && !event.currentTarget.contains(event.relatedTarget)) onClose();
  };
  return (
    <div
      className="span-editor stack tight"
      role="dialog"
      aria-label={texts.spanNote(span.anchor.quote)}
      tabIndex={-1}
      style={place}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    >
      <fieldset className="severities">
        <legend>{texts.severity}</legend>
        {SEVERITIES.map((severity) => (
          <label key={severity} className="row">
            <input
              type="radio"
              name={name}
              checked={span.severity === severity}
              onChange={() => onChange({ ...span, severity })}
            />
            <SeverityBadge severity={severity} />
          </label>
        ))}
      </fieldset>
      <Field label={texts.note} hint={texts.noteHint(MAX_NOTE - span.note.length)}>
        {(ids) => (
          <textarea
            {...ids}
            ref={note}
            rows={3}
            dir="auto"
            maxLength={MAX_NOTE}
            value={span.note}
            onChange={(event) => onChange({ ...span, note: event.target.value })}
          />
        )}
      </Field>
      <div className="row apart">
        <button type="button" className="button small" onClick={onClose}>
          {texts.done} <span className="keycap">⏎</span>
        </button>
        <button type="button" className="button quiet small" onClick={onRemove}>
          {texts.removeSpan}
        </button>
      </div>
    </div>
  );
}
