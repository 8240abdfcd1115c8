import { ReasonDialog } from "@/components/reason-dialog";
import { skipPair } from "@/queries/comparisons";
import { texts } from "./texts";

interface SkipPairProps {
  preference: number;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Leave a pair to others, with a reason if one likes. */
export function SkipPair({ preference, onClose, onDone }: SkipPairProps) {
  const send = async (reason: string) => {
    await skipPair(preference, reason);
    onClose();
    await onDone();
  };
  return (
    <ReasonDialog
      title={texts.skipTitle}
      why={texts.skipWhy}
      label={texts.reason}
      action={texts.skip}
      send={send}
      onClose={onClose}
    />
  );
}
