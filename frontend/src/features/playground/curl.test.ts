import { expect, it } from "vitest";
import { curlFor } from "./curl";

const SETTINGS = { model: "production", temperature: 0.7, max_tokens: 96 };

it("names the model and leaves the key to the shell", () => {
  const command = curlFor("http://host", SETTINGS, "Hi");
  expect(command).toContain("http://host/v1/chat/completions");
  expect(command).toContain("Bearer $REDRAFT_KEY");
  expect(command).toContain('"model":"production"');
});

it("keeps a quote in the message from ending the body", () => {
  expect(curlFor("http://host", SETTINGS, "What's rain?")).toContain("What'\\''s rain?");
});
