import { Controller, Get, Redirect, UseGuards } from '@nestjs/common';
import { CurrentMember } from '../accounts/current.js';
import type { Member } from '../accounts/member.entity.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { firstPreferencesPage } from '../web/preferences-tabs.js';

@Controller('preferences')
@UseGuards(SignedInGuard)
export class PreferencesController {
  /** The first page of Preferences that the member may open. */
  @Get()
  @Redirect()
  index(@CurrentMember() member: Member) {
    return { url: firstPreferencesPage(member.role), statusCode: 302 };
  }
}
