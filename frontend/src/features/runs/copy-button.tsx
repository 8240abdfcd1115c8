import { useEffect, useState } from "react";
import { texts } from "./texts";

const SAID_MS = 2000;

/** Copies a text, and says that it did. */
export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <button type="button" className="button small" onClick={copy}>
      <span role="status">{copied ? texts.form.copied : texts.form.copy}</span>
    </button>
  );
}
