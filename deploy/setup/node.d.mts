/** Path of a Node that runs TypeScript files as they are. Throws an Error that says what to do. */
export declare const townNode: (
  root: string,
  self?: { readonly versions?: { readonly node: string }; readonly execPath?: string },
) => string;
export declare const packagedNode: (root: string) => string;
