import { ReasonDialog } from "@/components/reason-dialog";
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
  const skips = how === "skip";
  const send = async (reason: string) => {
    await before();
    await putAside(critique, how, reason);
    onClose();
    await onDone();
  };
  return (
    <ReasonDialog
      title={skips ? texts.skipTitle : texts.discardTitle}
      why={skips ? texts.skipWhy : texts.discardWhy}
      label={texts.reason}
      action={skips ? texts.skip : texts.discard}
      send={send}
      onClose={onClose}
    />
  );
}
