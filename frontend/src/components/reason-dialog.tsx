import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { FormActions } from "@/components/form-actions";
import { Modal } from "@/components/modal";
import { Problem } from "@/components/states";

interface ReasonDialogProps {
  title: string;
  why: string;
  label: string;
  action: string;
  send: (reason: string) => Promise<void>;
  onClose: () => void;
}

/** Do something with a reason in a few words, if one likes; a refusal is said and what was typed stays. */
export function ReasonDialog({ title, why, label, action, send, onClose }: ReasonDialogProps) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await send(reason);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal label={title} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <h2>{title}</h2>
        <p>{why}</p>
        <Field label={label}>
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
        <FormActions onCancel={onClose}>{action}</FormActions>
      </form>
    </Modal>
  );
}
