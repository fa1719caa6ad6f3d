import { Module } from '@nestjs/common';
import { ResponsesModule } from '../responses/responses.module.js';
import { AnsweringController } from './answering.controller.js';

@Module({ imports: [ResponsesModule], controllers: [AnsweringController] })
export class AnsweringModule {}
