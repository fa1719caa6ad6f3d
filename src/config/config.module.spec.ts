import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigModule } from './config.module.js';
import { Environment, readEnvironment } from './environment.js';

@Injectable()
class Greeter {
  constructor(readonly environment: Environment) {}
}

describe('ConfigModule', () => {
  it('gives a constructor that names Environment the environment of the start', async () => {
    const environment = readEnvironment({ PORT: '8080' });
    const module = await Test.createTestingModule({
      imports: [ConfigModule.with(environment)],
      providers: [Greeter],
    }).compile();
    expect(module.get(Greeter).environment).toBe(environment);
  });
});
