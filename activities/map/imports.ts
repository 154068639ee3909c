import type { Language } from './languages.ts';

/** Finds the files that an import means, among the paths of one commit. */
export interface PathIndex {
  /** Positions in the list of paths, at most a handful; [] for what is not of this repository. */
  readonly targets: (from: string, language: Language, specifier: string) => readonly number[];
}

/** Most files that one import may mean: a package of Go is a folder. */
const mostTargets = 12;
/** Files that stand for their folder. */
const folderFiles = /(?:^|\/)(?:index\.\w+|__init__\.pyi?|mod\.rs|lib\.rs)$/;

export const indexPaths = (paths: readonly string[]): PathIndex => {
  const exact = new Map<string, number>();
  const stems = new Map<string, number[]>();
  const lasts = new Map<string, number[]>();
  const folders = new Map<string, number[]>();
  for (const [at, path] of paths.entries()) {
    exact.set(path, at);
    const stem = stemOf(path);
    push(stems, stem, at);
    push(lasts, lastOf(stem), at);
    if (folderFiles.test(path)) push(stems, folderOf(path), at);
    if (folderFiles.test(path)) push(lasts, lastOf(folderOf(path)), at);
    push(folders, folderOf(path), at);
  }

  /** Whole paths from the root, with or without extension. */
  const at = (path: string): readonly number[] => {
    const one = exact.get(path);
    if (one !== undefined) return [one];
    return stems.get(path) ?? stems.get(stemOf(path)) ?? [];
  };

  /** Paths that end so: the one that is nearest to who asks. */
  const ending = (from: string, tail: string): readonly number[] => {
    const whole = at(tail);
    if (whole.length > 0) return whole;
    const stem = stemOf(tail);
    const near = (lasts.get(lastOf(stem)) ?? [])
      .filter((one) => endsWithPath(paths[one] ?? '', tail, stem))
      .map((one) => ({ one, shared: sharedPrefix(paths[one] ?? '', from) }))
      .sort((a, b) => b.shared - a.shared || a.one - b.one);
    return near.slice(0, 1).map(({ one }) => one);
  };

  const first = (...tries: readonly (() => readonly number[])[]): readonly number[] => {
    for (const attempt of tries) {
      const found = attempt();
      if (found.length > 0) return found;
    }
    return [];
  };

  const inFolder = (from: string, name: string): readonly number[] => {
    for (let tail = name; tail.includes('/'); tail = tail.slice(tail.indexOf('/') + 1)) {
      const found = folders.get(tail);
      if (found !== undefined) return found.filter((one) => (paths[one] ?? '').endsWith('.go'));
    }
    return folders.get(name)?.filter((one) => paths[one] !== from) ?? [];
  };

  const targetsOf = (from: string, language: Language, specifier: string): readonly number[] => {
    const here = folderOf(from);
    switch (language.key) {
      case 'js':
        if (specifier.startsWith('.')) return at(joined(here, specifier));
        return /^[@~#]\/|^\w[\w-]*\//.test(specifier) ? ending(from, specifier.replace(/^[@~#]\//, '')) : [];
      case 'python':
        return pythonModules(here, specifier).flatMap((name) => first(() => ending(from, name)));
      case 'go':
        return inFolder(from, specifier);
      case 'rust':
        return rustModules(from, specifier).reduce<readonly number[]>(
          (found, name) => (found.length > 0 ? found : at(name)),
          [],
        );
      case 'jvm':
      case 'php':
      case 'csharp': {
        if (specifier.includes('/')) return ending(from, specifier.replace(/^[./]+/, ''));
        const name = specifier.replaceAll(/[.\\]/g, '/').replace(/^\//, '');
        const tails = name.split('/').map((_, cut, parts) => parts.slice(cut).join('/'));
        return first(...tails.slice(0, -1).map((tail) => () => ending(from, tail)));
      }
      case 'c':
      case 'ruby':
      case 'shell':
      case 'markdown':
        return first(
          () => at(joined(here, specifier)),
          () => ending(from, specifier.replace(/^[./]+/, '')),
        );
      default:
        return [];
    }
  };

  return {
    targets: (from, language, specifier) => targetsOf(from, language, specifier).slice(0, mostTargets),
  };
};

/** `from .a import b, c` may mean the module a or a.b. */
const pythonModules = (here: string, specifier: string): string[] => {
  const [, dots = '', module = '', names = ''] = /^(\.*)([\w.]*)\s+import\s+(.*)$/.exec(specifier) ?? [];
  if (module === '' && names === '')
    return specifier.split(/\s*,\s*/).map((name) => name.replaceAll('.', '/'));
  let base = module.replaceAll('.', '/');
  if (dots !== '') {
    const parts = here.split('/').filter(Boolean);
    const folder = parts.slice(0, parts.length - (dots.length - 1)).join('/');
    base = [folder, base].filter(Boolean).join('/');
  }
  const members = names.split(/[\s,()]+/).filter((name) => /^\w+$/.test(name) && name !== 'as');
  return [base, ...members.slice(0, 8).map((name) => `${base}/${name}`)].filter(Boolean);
};

/** `mod a` beside or below the file; `use crate::a::b` by the longest path that there is. */
const rustModules = (from: string, specifier: string): string[] => {
  const here = folderOf(from);
  const own = folderFiles.test(from) || /(?:^|\/)main\.rs$/.test(from) ? here : stemOf(from);
  if (specifier.startsWith('mod ')) return [`${own}/${specifier.slice(4).trim()}`].map(clean);
  const parts = specifier.split('::').filter(Boolean);
  const root = /^(.*?\bsrc)\//.exec(from)?.[1] ?? here;
  const base = { crate: root, self: own, super: folderOf(own) }[parts[0] ?? ''];
  if (base === undefined) {
    const crate = parts[0] ?? '';
    return [`crates/${crate}/src/lib`, `${crate}/src/lib`, `${own}/${parts.join('/')}`].map(clean);
  }
  const rest = parts.slice(1);
  return rest.map((_, cut) => clean([base, ...rest.slice(0, rest.length - cut)].join('/')));
};

const clean = (path: string): string => path.replace(/^\//, '');

const stemOf = (path: string): string => path.replace(/(?:\.d)?\.[A-Za-z]\w{0,9}$/, '');
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `..` and `.` followed; what leads out of the repository finds nothing. */
const joined = (folder: string, relative: string): string => {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
};

const endsWithPath = (path: string, tail: string, stem: string): boolean =>
  path === tail ||
  path.endsWith(`/${tail}`) ||
  `/${stemOf(path)}`.endsWith(`/${stem}`) ||
  `/${folderOf(path)}`.endsWith(`/${stem}`);

const sharedPrefix = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
};

const push = (map: Map<string, number[]>, key: string, value: number): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};
