import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, type DiscoveryService } from '@nestjs/core';
import {
  API_OPERATION,
  API_SECTION,
  type ApiOperationDescription,
  type ApiSectionDescription,
} from '../web/api-operation.js';
import type { Method } from './openapi.js';

/** An operation where it stands. */
export interface DescribedRoute {
  method: Method;
  /** As OpenAPI writes it: `/api/v1/deliveries/{webhookId}`. */
  path: string;
  section: ApiSectionDescription;
  operation: ApiOperationDescription;
}

/** Every route that carries a description, in the order of the modules and of the lines in them. */
export function describedRoutes(discovery: DiscoveryService): DescribedRoute[] {
  const scanner = new MetadataScanner();
  return discovery.getControllers().flatMap(({ metatype }) => {
    const controller = metatype as Type;
    const section = Reflect.getMetadata(API_SECTION, controller) as ApiSectionDescription | undefined;
    return section ? routesOf(controller, section, scanner) : [];
  });
}

function routesOf(controller: Type, section: ApiSectionDescription, scanner: MetadataScanner): DescribedRoute[] {
  const prototype = controller.prototype as Record<string, object>;
  const folder = Reflect.getMetadata(PATH_METADATA, controller) as string;
  return scanner.getAllMethodNames(prototype).flatMap((name) => {
    const route = prototype[name]!;
    const operation = Reflect.getMetadata(API_OPERATION, route) as ApiOperationDescription | undefined;
    if (!operation) {
      return [];
    }
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, route) as RequestMethod].toLowerCase() as Method;
    return [{ method, path: pathOf(folder, Reflect.getMetadata(PATH_METADATA, route) as string), section, operation }];
  });
}

function pathOf(folder: string, rest: string): string {
  const parts = `${folder}/${rest}`.split('/').filter((part) => part !== '');
  return `/${parts.map((part) => part.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}
