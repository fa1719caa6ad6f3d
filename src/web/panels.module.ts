import { Global, Module } from '@nestjs/common';
import { Notices } from './notices.js';
import { Panels } from './panels.js';

@Global()
@Module({ providers: [Panels, Notices], exports: [Panels, Notices] })
export class PanelsModule {}
