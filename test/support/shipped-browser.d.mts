/** See shipped-browser.mjs, which Jest's setup loads as it is. */
export function shippedBrowser(): Promise<string | undefined>;
