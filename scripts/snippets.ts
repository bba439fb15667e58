/**
 * Type-checks the TypeScript blocks of the documents against the sources of the workspace, so that no page shows code that does
 * not compile.
 *
 *     node scripts/snippets.ts            lists the blocks
 *     node scripts/snippets.ts --check    type-checks them; exit code 1 and the lines of the documents where one is wrong
 *
 * A block is a module of its own. Two marks exist. An HTML comment `<!-- given: … -->` on the line above the fence holds
 * declarations the block may use without showing them. A block whose first line is `// @fragment` is shown, but not checked.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Snippet {
  /** The document, relative to the root of the repository. */
  readonly file: string;
  /** The line of the fence, from 1. */
  readonly line: number;
  readonly code: string;
  /** Declarations that the document does not show. */
  readonly given: string;
  readonly fragment: boolean;
}

const fence = /^(?<given><!-- given: [^\n]* -->\n)?```ts[^\S\n]*\n(?<code>[\s\S]*?)^```[^\S\n]*$/gm;

/** The blocks of one document, in order. */
export function extract(file: string, markdown: string): readonly Snippet[] {
  return [...markdown.matchAll(fence)].map((match) => {
    const { code = "", given = "" } = match.groups ?? {};
    const line = markdown.slice(0, match.index + given.length).split("\n").length;
    return { file, line, code, given: given.slice("<!-- given: ".length, -" -->\n".length), fragment: code.startsWith("// @fragment") };
  });
}

/** A module in which every line of the block has the number it has in the document. */
export function moduleOf({ line, code, given }: Snippet): string {
  return `${"\n".repeat(line - 1)}${given}\n${code}export {};\n`;
}

/** The name of that module; `documentOf` gets back from there. */
export function fileOf({ file, line }: Snippet): string {
  return `${file.replaceAll("/", "~")}~${line}.ts`;
}

/** What the compiler prints, with documents in place of modules. */
export function documentOf(output: string): string {
  return output.replace(/^(?:\S*\/)?([^\s/]+\.md)~\d+\.ts/gm, (_, file: string) => file.replaceAll("~", "/"));
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function collect(): readonly Snippet[] {
  const files = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md", "packages/*/README.md"], { cwd: root }).filter((file) => !file.startsWith("docs/api/"));
  return files.sort().flatMap((file) => extract(file, readFileSync(join(root, file), "utf8")));
}

/** Lays the modules out where the packages of the workspace resolve as installed ones would. */
function layOut(snippets: readonly Snippet[]): string {
  const folder = join(root, "node_modules", ".cache", "snippets");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules", "@holdfast"), { recursive: true });
  for (const path of globSync("packages/*/package.json", { cwd: root })) {
    const { name } = JSON.parse(readFileSync(join(root, path), "utf8")) as { name: string }; // Every package has a name.
    const place = join(folder, "node_modules", name);
    if (!existsSync(place)) symlinkSync(join(root, dirname(path)), place, "junction");
  }
  for (const snippet of snippets) writeFileSync(join(folder, fileOf(snippet)), moduleOf(snippet));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true, composite: false, declaration: false, declarationMap: false, isolatedDeclarations: false, incremental: false,
      noPropertyAccessFromIndexSignature: false, rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true,
      types: ["node"], lib: ["es2024", "dom", "dom.iterable", "esnext.disposable"],
    },
    files: snippets.map(fileOf),
  }));
  return folder;
}

function check(snippets: readonly Snippet[]): number {
  const folder = layOut(snippets);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
  process.stdout.write(documentOf(stdout));
  process.stderr.write(stderr);
  return status ?? 1;
}

function main(): void {
  const all = collect();
  const snippets = all.filter(({ fragment }) => !fragment);
  const fragments = all.length - snippets.length;
  if (!process.argv.includes("--check")) {
    for (const { file, line, fragment } of all) console.log(`${file}:${line}${fragment ? " (fragment)" : ""}`);
    return;
  }
  process.exitCode = check(snippets);
  if (process.exitCode === 0) console.log(`${snippets.length} snippets type-check, ${fragments} ${fragments === 1 ? "fragment is" : "fragments are"} skipped`);
}

if (import.meta.main) main();
