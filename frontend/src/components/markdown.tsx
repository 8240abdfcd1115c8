import { memo } from "react";
import ReactMarkdown, { type Options } from "react-markdown";
import remarkGfm from "remark-gfm";
import { type Mark, sourcePositions } from "@/lib/source-plugin";

interface MarkdownProps {
  children: string;
  /** Given, even if empty, every text carries its place in the source, and the marks are painted. */
  marks?: readonly Mark[];
}

const COMPONENTS: Options["components"] = {
  a: ({ href, children: label }) => (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {label}
    </a>
  ),
};

/** Text by people and models: markdown without raw HTML, links that leak nothing, images not loaded. */
export const Markdown = memo(function Markdown({ children, marks }: MarkdownProps) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      rehypePlugins={marks ? [[sourcePositions, { source: children, marks }]] : []}
      skipHtml
      disallowedElements={["img"]}
      components={COMPONENTS}
    >
      {children}
    </ReactMarkdown>
  );
});
