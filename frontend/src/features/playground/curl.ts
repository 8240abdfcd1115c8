import type { ChatSettings } from "@/queries/gateway";

/** The command that asks the same; the body stands in single quotes, so those inside are escaped. */
export function curlFor(origin: string, settings: ChatSettings, said: string): string {
  const body = JSON.stringify({ ...settings, messages: [{ role: "user", content: said }] });
  return `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer $REDRAFT_KEY" -H "Content-Type: application/json" \\
  -d '${body.replaceAll("'", "'\\''")}'`;
}
