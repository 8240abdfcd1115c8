import { useState } from "react";

/** A text that survives a reload of this tab. */
export function useKeptText(key: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const keep = (next: string) => {
    setText(next);
    sessionStorage.setItem(key, next);
  };
  return [text, keep];
}
