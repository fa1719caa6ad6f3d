import type { Request } from 'express';

interface Route {
  methods: Record<string, boolean>;
}

interface RouterLayer {
  route?: Route;
  match(path: string): boolean;
}

/** The methods that some route has for the request's path; none for a path that no route knows. */
export function allowedMethods({ app, path }: Request): string[] {
  const { stack } = app.router as unknown as { stack: RouterLayer[] };
  const methods = stack
    .filter((layer) => layer.route && !isMiddleware(layer.route) && layer.match(path))
    .flatMap((layer) => Object.keys(layer.route!.methods))
    .map((method) => method.toUpperCase());
  return [...new Set(methods)].toSorted();
}

/** Nest registers a module's middleware as a route of every method; no route of ours takes TRACE. */
function isMiddleware({ methods }: Route): boolean {
  return methods.trace === true;
}
