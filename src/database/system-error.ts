/** ENOENT, EACCES and the like, or the SQLSTATE of a PostgreSQL error. */
export function errorCode(error: unknown): string | undefined {
  return isObject(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function errorMessage(error: unknown): string {
  return isObject(error) && 'message' in error ? String(error.message) : String(error);
}

/** Not instanceof: an error of Node's own is of another realm than the tests. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
