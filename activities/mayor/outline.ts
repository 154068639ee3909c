import { oneLine } from '../../workflows/domain/text.ts';

/** Most names that a file is outlined by. */
const mostNames = 40;

interface Language {
  readonly files: RegExp;
  /** Each finds one kind of name; the first group is what is shown. */
  readonly names: readonly RegExp[];
}

/** Names that other files may use, by regular expression: good enough to plan by, and no parser to keep for each language. */
const languages: readonly Language[] = [
  {
    files: /\.[cm]?[jt]sx?$/,
    names: [
      /^export\s+(?:default\s+)?((?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|class|interface|type|enum|const|let|var)\s+[\w$]+)/gm,
      /^(?:module\.)?exports\.([\w$]+)\s*=/gm,
    ],
  },
  { files: /\.pyi?$/, names: [/^((?:async\s+)?def\s+\w+\([^)\n]{0,80}\)?|class\s+\w+)/gm] },
  {
    files: /\.go$/,
    names: [/^(func\s+(?:\([^)\n]{0,60}\)\s*)?[A-Z]\w*\([^)\n]{0,80}\)?|type\s+[A-Z]\w*\s+\w+)/gm],
  },
  {
    files: /\.rs$/,
    names: [/^\s*(pub(?:\([^)]{0,20}\))?\s+(?:async\s+)?(?:fn|struct|enum|trait|type|const|mod)\s+\w+)/gm],
  },
  {
    files: /\.(java|kt|kts|cs|scala|swift)$/,
    names: [
      /^\s*(?:public|internal|open|export)?\s*(?:static\s+|final\s+|abstract\s+|sealed\s+|data\s+)*((?:class|interface|enum|record|object|struct|protocol|fun|func)\s+\w+)/gm,
    ],
  },
  {
    files: /\.(c|h|cc|cpp|cxx|hh|hpp)$/,
    names: [
      /^((?:struct|class|enum|union|typedef\s+struct)\s+\w+|#define\s+\w+)/gm,
      /^(?!(?:if|for|while|switch|return|else)\b)([A-Za-z_][\w\s*&:<>,]{0,60}\b\w+\([^;{)\n]{0,100}\))\s*[;{]/gm,
    ],
  },
  { files: /\.rb$/, names: [/^\s*((?:def|class|module)\s+[\w.:?!]+)/gm] },
  { files: /\.php$/, names: [/^\s*((?:abstract\s+|final\s+)?(?:class|interface|trait|function)\s+\w+)/gm] },
  { files: /\.(sh|bash)$/, names: [/^(?:function\s+)?(\w+)\s*\(\)/gm] },
  { files: /\.(ex|exs)$/, names: [/^\s*((?:defmodule|def|defmacro)\s+[\w.?!]+)/gm] },
  {
    files: /\.sql$/i,
    names: [
      /^\s*(create\s+(?:or\s+replace\s+)?(?:table|view|function|procedure)\s+(?:if\s+not\s+exists\s+)?[\w."]+)/gim,
    ],
  },
  { files: /\.(md|markdown)$/i, names: [/^#{1,3}\s+(.+)$/gm] },
];

/** Whether an outline of this file would say something. */
export const isOutlined = (path: string): boolean => languages.some(({ files }) => files.test(path));

/** The names that a file gives to others, one a line, in order; empty for what is not understood. */
export const outlineOf = (path: string, text: string): readonly string[] => {
  const language = languages.find(({ files }) => files.test(path));
  if (language === undefined) return [];
  const found = language.names.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({ at: match.index, name: oneLine(match[1] ?? '', 100) })),
  );
  const names = found.toSorted((a, b) => a.at - b.at).map(({ name }) => name);
  return [...new Set(names)].filter((name) => name !== '').slice(0, mostNames);
};
