import { useEffect } from "react";

const SWITCH = "redraft.single-keys";

/** Whether single keys act (WCAG 2.1.4 asks that they can be switched off). */
export function singleKeysOn(): boolean {
  return localStorage.getItem(SWITCH) !== "off";
}

/** Switch single keys on or off on this device. */
export function switchSingleKeys(on: boolean): void {
  localStorage.setItem(SWITCH, on ? "on" : "off");
}

/** "Ctrl+Enter", "Alt+R", "S": how a key press is written in a key map. */
export function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const alt = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : key;
  const control = event.ctrlKey || event.metaKey;
  return `${control ? "Ctrl+" : ""}${event.altKey ? `Alt+${alt}` : key}`;
}

/** Run the action of a key: chords everywhere, single keys only outside of text fields; Escape leaves a field. */
export function useKeys(actions: Record<string, () => void>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (document.querySelector("dialog[open]")) return;
      const typing = target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
      const name = pressed(event);
      if (name === "Escape" && target.matches("textarea, select, input")) {
        target.blur();
        return;
      }
      const isChord = event.ctrlKey || event.metaKey || event.altKey;
      const action = actions[name];
      if (!action || (!isChord && (typing || !singleKeysOn()))) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [actions]);
}
