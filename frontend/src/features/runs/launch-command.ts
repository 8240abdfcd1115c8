import type { Base } from "@/queries/runs";
import { type Form, prune, type Values } from "./schema";

interface Wanted {
  origin: string;
  project: string;
  name: string;
  base: Base;
  form: Form;
  recipe: Values;
}

/** The curl command that launches the same run. */
export function launchCommand({ origin, project, name, base, form, recipe }: Wanted): string {
  const body = {
    project,
    ...(name.trim() ? { name: name.trim() } : {}),
    ...(Object.keys(base).length > 0 ? { base } : {}),
    recipe: prune(form, recipe),
  };
  return [
    `curl -X POST ${origin}/api/runs \\`,
    `  -H "Authorization: Bearer $REDRAFT_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${quote(JSON.stringify(body, null, 2))}`,
  ].join("\n");
}

/** A text as one word of a shell. */
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
