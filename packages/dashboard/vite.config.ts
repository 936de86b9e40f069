import { defineConfig } from 'vite';

/** The page, as one script and one style, which the report has inside and the server beside it. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/built-page',
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false, // a style of its own: in the script it would be against the policy of the page
    target: 'es2023',
    rolldownOptions: {
      input: 'page/main.tsx',
      output: { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page.css' },
    },
  },
});
