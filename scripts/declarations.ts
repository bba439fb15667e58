// Reads the declaration files that the compiler emits, just well enough for an API report: the compiler itself has no API for it.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One declaration file: what it declares, what it passes on, what it uses. */
interface Declarations {
  /** Overloads are several texts under one name. */
  readonly declared: Map<string, string[]>;
  readonly exported: Map<string, Source>;
  readonly imported: Map<string, Source>;
  /** `export * from`. */
  readonly stars: string[];
}
/** A name in a module; without a module it is one of the same file. */
interface Source { readonly module?: string; readonly name: string }

export interface Found {
  /** Where it is declared; empty for what another package declares, whose text is not known. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
  /** The other package. */
  readonly module?: string;
}

const kinds = /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(interface|class|type|const|let|var|function|namespace|enum)\s+([\w$]+)/;
const known = new Map<string, Declarations>();

/** Every name that an entry exports, with where it is declared, in order of the alphabet. */
export function publicNames(entry: string): ReadonlyMap<string, Found> {
  const names = new Set<string>();
  collect(entry, names);
  return new Map([...names].toSorted().map((name) => [name, find(entry, name)]));
}

/** Types that these declarations speak of, that live in the same package, and that are not among them. */
export function mentioned(found: readonly Found[]): readonly Found[] {
  const seen = new Map(found.map((one) => [`${one.file}#${one.name}`, one]));
  // Grows while we walk it: what is mentioned mentions others.
  const queue = [...found];
  for (const { file, text } of queue) {
    if (file === "") continue; // Of another package, whose own report has it.
    for (const source of mentions(file, text)) {
      const one = source.module === undefined ? { file, name: source.name, text: textOf(file, source.name) } : find(file, source.name, source.module);
      if (seen.has(`${one.file}#${one.name}`) || one.file === "") continue;
      seen.set(`${one.file}#${one.name}`, one);
      queue.push(one);
    }
  }
  return queue.slice(found.length).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function mentions(file: string, text: string): readonly Source[] {
  const { declared, imported } = load(file);
  const plain = text.replace(/"[^"\n]*"/g, (quoted) => (quoted.startsWith('".') ? quoted : '""'));
  // Types have capitals; a value is spoken of by `typeof`. Property names that are written like a function are neither.
  const words = [...plain.matchAll(/\b(?:typeof\s+([\w$]+)|([A-Z][\w$]*))/g)].map(([, value, type]) => value ?? type ?? "");
  const inline = [...plain.matchAll(/import\("(\.[^"]+)"\)\.([\w$]+)/g)].map(([, module = "", name = ""]) => ({ module, name }));
  return [...inline, ...new Set(words)].flatMap((word) => {
    if (typeof word !== "string") return [word];
    const source = imported.get(word);
    if (source !== undefined) return source.module?.startsWith(".") ? [source] : [];
    return declared.has(word) ? [{ name: word }] : [];
  });
}

function collect(file: string, names: Set<string>): void {
  const { exported, stars } = load(file);
  for (const name of exported.keys()) names.add(name);
  for (const module of stars) {
    if (!module.startsWith(".")) throw new Error(`${file}: everything of ${module}: name what is passed on`);
    collect(resolve(file, module), names);
  }
}

/** Follows re-exports to the declaration, within the package. */
function find(file: string, name: string, module?: string): Found {
  if (module !== undefined && !module.startsWith(".")) return { module, file: "", name, text: "" };
  const place = module === undefined ? file : resolve(file, module);
  const { exported, stars } = load(place);
  const source = exported.get(name);
  if (source?.module !== undefined) return find(place, source.name, source.module);
  if (source !== undefined) return { file: place, name: source.name, text: textOf(place, source.name) };
  for (const star of stars) {
    const passed = new Set<string>();
    collect(resolve(place, star), passed);
    if (passed.has(name)) return find(place, name, star);
  }
  throw new Error(`${place} does not export ${name}`);
}

function textOf(file: string, name: string): string {
  const texts = load(file).declared.get(name);
  if (texts === undefined) throw new Error(`${file} does not declare ${name}`);
  return texts.join("\n");
}

function resolve(from: string, module: string): string {
  return join(dirname(from), module.replace(/\.[jt]s$/, ".d.ts"));
}

function load(file: string): Declarations {
  const before = known.get(file);
  if (before) return before;
  if (!existsSync(file)) throw new Error(`${file} does not exist: build first (tsc -b)`);
  const found: Declarations = { declared: new Map(), exported: new Map(), imported: new Map(), stars: [] };
  known.set(file, found);
  for (const statement of statements(readFileSync(file, "utf8"))) note(found, statement, file);
  return found;
}

function note({ declared, exported, imported, stars }: Declarations, statement: string, file: string): void {
  const [, , name] = kinds.exec(statement) ?? [];
  if (name !== undefined) {
    declared.set(name, [...(declared.get(name) ?? []), statement]);
    if (statement.startsWith("export")) exported.set(name, { name });
    return;
  }
  const [, verb, what = "", module] = /^(import|export)\s+(?:type\s+)?(\{[^}]*\}|\*|\*\s+as\s+[\w$]+|[\w$]+)?\s*(?:from\s*)?(?:"([^"]+)")?\s*;?$/s.exec(statement) ?? [];
  if (verb === undefined) throw new Error(`${file}: cannot read this declaration: ${statement}`);
  if (what === "*" && module !== undefined) stars.push(module);
  if (verb === "export" && /^\*./.test(what)) throw new Error(`${file}: ${what} of ${module}: name what is passed on`);
  for (const item of what.startsWith("{") ? what.slice(1, -1).split(",") : []) {
    const [name = "", alias = name] = item.trim().replace(/^type\s+/, "").split(/\s+as\s+/);
    if (name !== "") (verb === "export" ? exported : imported).set(alias, module === undefined ? { name } : { module, name });
  }
}

/** The statements of a declaration file, without comments. */
export function statements(text: string): readonly string[] {
  const found: string[] = [];
  let statement = "";
  let depth = 0;
  for (const [token] of text.matchAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|[\s\S]/g)) {
    if (token.startsWith("//") || token.startsWith("/*")) continue;
    if (depth === 0 && statement !== "" && isWhole(statement) && !/[\s>,&|[;]/.test(token)) {
      found.push(statement.trim());
      statement = "";
    }
    if ("([{".includes(token)) depth += 1;
    if (")]}".includes(token)) depth -= 1;
    if (statement !== "" || !/[\s;]/.test(token)) statement += token;
    if (token === ";" && depth === 0 && statement !== "") {
      found.push(statement.trim());
      statement = "";
    }
  }
  return statement.trim() === "" ? found : [...found, statement.trim()];
}

/** Interfaces and classes end with a brace; unless it is one in `extends Base<{ … }> {`, which the next character shows. */
function isWhole(statement: string): boolean {
  const kind = kinds.exec(statement)?.[1];
  return (kind === "interface" || kind === "class" || kind === "namespace" || kind === "enum") && statement.trimEnd().endsWith("}");
}
