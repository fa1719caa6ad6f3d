import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Environment } from './environment.js';

/**
 * Gives every constructor the environment: `constructor(private readonly environment: Environment)`.
 *
 * Import Environment as a value, never with `import type`: the abstract class is the token, and only a value import
 * leaves it in the metadata that Nest reads. main.ts reads the environment before Nest starts, so that a bad one
 * stops the start with its own message and without a stack trace.
 */
@Global()
@Module({})
export class ConfigModule {
  static with(environment: Environment): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: Environment, useValue: environment }],
      exports: [Environment],
    };
  }
}
