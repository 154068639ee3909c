/** Installs what package-lock.json names when `node_modules` is absent or holds something else. Throws an Error that says what to do. */
export declare const ensureInstalled: (
  root: string,
  options?: { readonly onlyMissing?: boolean; readonly env?: Readonly<Record<string, string | undefined>> },
) => Promise<void>;
