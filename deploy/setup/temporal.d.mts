/** Path of a usable Temporal command line, found or got as the set-up does. Throws an Error whose message says what to do. */
export declare const ensureTemporal: (options?: {
  readonly root?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly node?: string;
}) => Promise<string>;
export declare const cacheFolder: (env?: Readonly<Record<string, string | undefined>>) => string;
/** The same without getting one: its path, or what was looked at in vain. Throws nothing. */
export declare const findTemporal: (options?: {
  readonly root?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}) => Promise<{ readonly path: string | undefined; readonly tried: readonly string[] }>;
