import type { TestWeb } from './web.js';

/** What answers one method at one path. */
export interface Route {
  /** `ALL` where every method is answered. */
  method: string;
  /** With its parameters' names, such as `/responses/:id`. */
  path: string;
  /** `GET /responses/:id` */
  name: string;
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

/** Every route of the application, as its router has them, in their order. */
export function routesOf({ app }: Pick<TestWeb, 'app'>): Route[] {
  const { router } = app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  const routes = router.stack
    .flatMap(({ route }) => (route && !isMiddleware(route.path) ? [route] : []))
    .flatMap(({ path, methods }) => methodsOf(methods).map((method) => ({ method, path, name: `${method} ${path}` })));
  return [...new Map(routes.map((route) => [route.name, route])).values()];
}

/** The names of a path's parameters, in order. */
export function parametersOf({ path }: Route): string[] {
  return [...path.matchAll(/[:*](\w+)/g)].map((match) => match[1]!);
}

/** Nest registers a module's middleware as a route of every method and path. */
function isMiddleware(path: string): boolean {
  return path.startsWith('/{*');
}

function methodsOf(methods: Record<string, boolean>): string[] {
  return methods.trace ? ['ALL'] : Object.keys(methods).map((method) => method.toUpperCase());
}
