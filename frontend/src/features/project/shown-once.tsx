import { useRef, useState } from "react";
import { texts } from "./texts";

/** A secret that is shown this once, with a way to copy it. */
export function ShownOnce({ title, secret }: { title: string; secret: string }) {
  const [said, setSaid] = useState("");
  const code = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setSaid(texts.copied);
    } catch {
      // Without HTTPS there is no clipboard for pages: mark it for the person to copy.
      if (code.current) window.getSelection()?.selectAllChildren(code.current);
      setSaid(texts.copyByHand);
    }
  };
  return (
    <div className="notice good stack tight">
      <span className="small" role="status">
        {title} {texts.once}
      </span>
      <code ref={code} className="secret">
        {secret}
      </code>
      <div className="row">
        <button type="button" className="button small" onClick={copy}>
          {texts.copy}
        </button>
        <span className="small" role="status">
          {said}
        </span>
      </div>
    </div>
  );
}
