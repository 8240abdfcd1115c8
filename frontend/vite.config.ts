import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The backend that `redraft up` runs; only the development server needs it.
const backend = process.env.REDRAFT_BACKEND ?? "http://127.0.0.1:8700";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: { sourcemap: false, assetsInlineLimit: 0 },
  server: {
    proxy: { "/api": backend, "/v1": backend },
    fs: { allow: [".", "../tests/golden"] }, // the vectors that test both languages
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
