import { Global, Module } from '@nestjs/common';
import { Panels } from './panels.js';

@Global()
@Module({ providers: [Panels], exports: [Panels] })
export class PanelsModule {}
