import type { ReactNode } from "react";

/** What is known of a line of a list, beside what it says. */
export function Facts({ tags = [], children }: { tags?: readonly string[]; children: ReactNode }) {
  return (
    <div className="data-facts small">
      {children}
      {tags.map((tag) => (
        <span key={tag} className="badge">
          # {tag}
        </span>
      ))}
    </div>
  );
}
