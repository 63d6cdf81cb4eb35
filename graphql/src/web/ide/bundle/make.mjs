// Makes the vendored files of the IDE, beside the folder of this script: GraphiQL with React in one script, its
// style sheet, the workers of its editors, and the licences of all that is in them.

import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const place = dirname(here);

const common = {
  absWorkingDir: here,
  bundle: true,
  define: { "process.env.NODE_ENV": '"production"' },
  format: "iife",
  // They are in LICENSE-bundled.txt.
  legalComments: "none",
  loader: { ".ttf": "dataurl", ".woff": "dataurl", ".woff2": "dataurl" },
  logLevel: "error",
  metafile: true,
  minify: true,
  target: "es2022",
};

const made = [
  await build({ ...common, entryPoints: ["graphiql.js"], globalName: "Ide", outfile: join(place, "graphiql.min.js") }),
];
for (const [name, worker] of [
  ["editor", "monaco-editor/esm/vs/editor/editor.worker.js"],
  ["json", "monaco-editor/esm/vs/language/json/json.worker.js"],
  ["graphql", "monaco-graphql/esm/graphql.worker.js"],
]) {
  const stdin = { contents: `import "${worker}";`, resolveDir: here };
  made.push(await build({ ...common, stdin, outfile: join(place, `${name}.worker.js`) }));
}

// Each package that something in the files comes from, with its licence.
const inputs = new Set(made.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
const folder = (input) => input.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
const folders = new Set([...inputs].map(folder).filter(Boolean));
const packages = [];
for (const folder of folders) {
  const { name, version, license } = JSON.parse(await readFile(join(here, folder, "package.json"), "utf8"));
  if (!name) continue;
  const files = (await readdir(join(here, folder))).filter((file) => /^(licen[cs]e|thirdpartynotices)/i.test(file));
  const read = await Promise.all(files.sort().map((file) => readFile(join(here, folder, file), "utf8")));
  const text = read.map((text) => text.trim()).join("\n\n") || "(no text of its own; the one of its licence is above or below)";
  packages.push({ title: `${name} ${version} (${license})`, text });
}
packages.sort((a, b) => (a.title < b.title ? -1 : 1));
const texts = new Map(packages.map(({ text }) => [text, []]));
for (const { text, title } of packages) texts.get(text).push(title);
const parts = [...texts].map(([text, titles]) => `${titles.join("\n")}\n\n${text}\n`);
const head = "Third-party code and fonts inside graphiql.min.js, graphiql.min.css and the workers\n";
// What is inside of a package under other terms, and the fonts in the style sheet.
const others = await readFile(join(here, "LICENSE-others.txt"), "utf8");
await writeFile(join(place, "LICENSE-bundled.txt"), [head, ...parts, others].join(`\n${"=".repeat(80)}\n\n`));
