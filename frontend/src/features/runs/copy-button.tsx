import { useEffect, useState } from "react";
import { texts } from "./texts";

const SAID_MS = 2000;

/** Copies a text, and says that it did, or that the browser lets no page do so (it does not without HTTPS). */
export function CopyButton({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(texts.form.copied);
    } catch {
      setSaid(texts.form.copyByHand);
    }
  };
  return (
    <button type="button" className="button small" onClick={copy}>
      <span role="status">{said || texts.form.copy}</span>
    </button>
  );
}
