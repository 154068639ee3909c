import { readFile, stat } from 'node:fs/promises';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { oneLine } from '../../workflows/domain/text.ts';
import { type InputFault, InputRejected } from './rejected.ts';

export type Path = readonly (string | number)[];

/** A YAML file as plain data, which still knows where everything stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** A fault at the value of a path, or at the nearest thing around it that the file has. */
  fault(path: Path, what: string, accepted?: string): InputFault;
  /** A fault at the last key of a path. */
  faultAtKey(path: Path, what: string, accepted?: string): InputFault;
}

/** Bytes; a plan of 400 long tasks is far smaller. */
const mostBytes = 4 * 1024 * 1024;
const mostAliases = 100;
const tooDeep = /(?:[[{]\s*|-[ \t]+){100}/;

/** Reads one YAML document. Throws `InputRejected` for what is no readable file, no UTF-8 or no sound YAML. */
export const readYaml = async (file: string, kind: string): Promise<YamlSource> =>
  parseYaml(await readText(file, kind), file, kind);

/** The same for a text in hand; `file` is the name that faults carry. */
export const parseYaml = (text: string, file: string, kind: string): YamlSource => {
  const lines = new LineCounter();
  const reject = (what: string, accepted: string): never => {
    throw new InputRejected([{ file, line: undefined, column: undefined, at: '', what, accepted }]);
  };
  const faultAt = (offset: number, at: string, what: string, accepted: string): InputFault => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, at, what, accepted };
  };

  // The parser recurses, and takes minutes over some MiB of brackets.
  if (tooDeep.test(text)) return reject('this YAML is nested too deeply', '');
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const errors = [...document.errors, ...document.warnings];
    if (errors.length > 0) {
      throw new InputRejected(errors.map((error) => faultAt(error.pos[0], '', ...syntaxText(error))));
    }
    const prototypes = prototypeKeys(document);
    if (prototypes.length > 0) {
      const what = 'the key "__proto__" is not taken';
      throw new InputRejected(prototypes.map((offset) => faultAt(offset, '', what, 'Remove it')));
    }
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    if (error instanceof InputRejected) throw error;
    // Aliases that multiply end here.
    return reject(`this YAML cannot be read (${oneLine(String(error), 120)})`, '');
  }
  if (value === null || value === undefined) return reject(`this ${kind} is empty`, '');

  const offsetOf = (path: Path): number => {
    let node: ParsedNode | Node | null | undefined = document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      node = childOf(node, step)?.value;
      if (!node?.range) break;
      offset = node.range[0];
    }
    return offset;
  };

  return {
    file,
    value,
    fault: (path, what, accepted = '') => faultAt(offsetOf(path), pathText(path), what, accepted),
    faultAtKey: (path, what, accepted = '') => {
      const parent = path.slice(0, -1);
      const offset = keyOffset(document, parent, path.at(-1) ?? '') ?? offsetOf(parent);
      return faultAt(offset, pathText(parent), what, accepted);
    },
  };
};

/** `rigs.app.gates[0].run`. What a file wrote is made safe for terminals. */
export const pathText = (path: Path): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${oneLine(step, 60)}`))
    .join('')
    .replace(/^\./, '');

const readText = async (file: string, kind: string): Promise<string> => {
  const reject = (what: string, accepted: string): never => {
    throw new InputRejected([{ file, line: undefined, column: undefined, at: '', what, accepted }]);
  };
  const bytes = await readBytes(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return reject(`there is no such file`, `Expected a ${kind} in YAML`);
    if (error.code === 'EISDIR') return reject('this is a directory', `Expected a ${kind} in YAML`);
    if (error.code === 'EFBIG') return reject(error.message, `Expected a ${kind} of at most 4 MiB`);
    return reject(`cannot be read: ${error.message}`, `Expected a ${kind} in YAML that this user may read`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return reject('this is not UTF-8 text', `Expected a ${kind} in YAML, saved as UTF-8`);
  }
};

const readBytes = async (file: string): Promise<Buffer> => {
  const { size, isFile } = await stat(file).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
  if (size > mostBytes && isFile) {
    throw Object.assign(new Error(`it has ${size} bytes`), { code: 'EFBIG' });
  }
  return readFile(file);
};

const childOf = (node: unknown, step: string | number): { key: Node; value: Node | null } | undefined => {
  if (isSeq(node)) {
    const value = node.items[Number(step)] as Node | undefined;
    return value && { key: value, value };
  }
  if (!isMap(node)) return;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair as { key: Node; value: Node | null } | undefined;
};

/** Plain objects cannot hold this key safely, and schemas pass over it. */
const prototypeKeys = (document: Document.Parsed): number[] => {
  const offsets: number[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__') offsets.push(key.range?.[0] ?? 0);
    },
  });
  return offsets;
};

const keyOffset = (document: Document.Parsed, parent: Path, key: string | number): number | undefined => {
  let node: unknown = document.contents;
  for (const step of parent) {
    if (isAlias(node)) node = node.resolve(document);
    node = childOf(node, step)?.value;
  }
  if (isAlias(node)) node = node.resolve(document);
  return childOf(node, key)?.key.range?.[0];
};

/** The commonest slips in plain words; the parser's own words for the rest. */
const syntaxText = (error: YAMLError): [string, string] => {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return ['this key is written twice in the same map', 'Keep one of them'];
    case 'TAB_AS_INDENT':
      return ['a tab indents this line', 'Indent with spaces: YAML takes no tabs there'];
    case 'MULTIPLE_DOCS':
      return ['a second document begins here (---)', 'Write one document a file'];
    case 'TAG_RESOLVE_FAILED':
      return [`a tag is not taken here: ${oneLine(error.message, 80)}`, 'Write the value without a tag'];
    default:
      return [`not YAML: ${oneLine(error.message, 160)}`, ''];
  }
};
