/** See quick-folder.mjs, which Jest's setup loads as it is. */
export function quickFolder(): Promise<string>;
