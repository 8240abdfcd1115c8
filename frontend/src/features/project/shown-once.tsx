import { useState } from "react";
import { texts } from "./texts";

/** A secret that is shown this once, with a way to copy it. */
export function ShownOnce({ secret }: { secret: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <div className="notice good stack tight" role="status">
      <span className="small">{texts.once}</span>
      <code className="secret">{secret}</code>
      <div>
        <button type="button" className="button small" onClick={copy}>
          {copied ? texts.copied : texts.copy}
        </button>
      </div>
    </div>
  );
}
