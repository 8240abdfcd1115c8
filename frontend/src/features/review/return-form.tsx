import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { FormActions } from "@/components/form-actions";
import { Modal } from "@/components/modal";
import { Problem } from "@/components/states";
import type { Reviewing } from "./review-bar";
import { texts } from "./texts";

interface ReturnFormProps {
  review: Reviewing["review"];
  onClose: () => void;
}

/** Give a critique back with a note on what to mend. */
export function ReturnForm({ review, onClose }: ReturnFormProps) {
  const [note, setNote] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    review.mutate({ verdict: "return", note }, { onSuccess: onClose });
  };
  return (
    <Modal label={texts.returnTitle} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <h2>{texts.returnTitle}</h2>
        <p>{texts.returnWhy}</p>
        <Field label={texts.returnNote}>
          {(ids) => (
            <textarea
              {...ids}
              rows={4}
              required
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {review.error && <Problem error={review.error} />}
        <FormActions isBusy={review.isPending} onCancel={onClose}>
          {texts.giveBack}
        </FormActions>
      </form>
    </Modal>
  );
}
