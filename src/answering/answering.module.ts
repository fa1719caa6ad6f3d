import { Module } from '@nestjs/common';
import { AnsweringController } from './answering.controller.js';

@Module({ controllers: [AnsweringController] })
export class AnsweringModule {}
