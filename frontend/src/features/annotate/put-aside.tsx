import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Modal } from "@/components/modal";
import { Problem } from "@/components/states";
import { texts as common } from "@/lib/texts";
import { putAside } from "@/queries/critiques";
import { texts } from "./texts";

interface PutAsideProps {
  critique: number;
  how: "skip" | "discard";
  before: () => Promise<void>;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Skip or discard, with a reason if one likes; the text stays in one's history. */
export function PutAside({ critique, how, before, onClose, onDone }: PutAsideProps) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const skips = how === "skip";
  const send = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await before();
      await putAside(critique, how, reason);
      onClose();
      await onDone();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal label={skips ? texts.skipTitle : texts.discardTitle} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <h2>{skips ? texts.skipTitle : texts.discardTitle}</h2>
        <p>{skips ? texts.skipWhy : texts.discardWhy}</p>
        <Field label={texts.reason}>
          {(ids) => (
            <input
              {...ids}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {error !== null && <Problem error={error} />}
        <div className="row">
          <button type="submit" className="button primary">
            {skips ? texts.skip : texts.discard}
          </button>
          <button type="button" className="button quiet" onClick={onClose}>
            {common.common.cancel}
          </button>
        </div>
      </form>
    </Modal>
  );
}
