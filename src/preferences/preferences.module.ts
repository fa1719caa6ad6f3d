import { Module } from '@nestjs/common';
import { ApiKeysController } from './api-keys.controller.js';
import { GeneralController } from './general.controller.js';
import { PreferencesController } from './preferences.controller.js';

@Module({ controllers: [PreferencesController, GeneralController, ApiKeysController] })
export class PreferencesModule {}
