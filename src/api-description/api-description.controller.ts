import { Controller, Get, Query, Render } from '@nestjs/common';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import { ApiDescription } from './api-description.js';
import { descriptionSection, showDocument, showPage } from './api-description.operations.js';
import { apiPage } from './api-page.js';

/** The API's description, for programs and for people. */
@Controller('api')
@ApiSection(descriptionSection)
export class ApiDescriptionController {
  constructor(private readonly description: ApiDescription) {}

  @Get('openapi.json')
  @ApiOperation(showDocument)
  async document(@Query() query: unknown) {
    parse(showDocument.query, query);
    return { ...this.description.document };
  }

  @Get('docs')
  @Render('api-docs/show')
  @ApiOperation(showPage)
  async page() {
    return apiPage(this.description.document);
  }
}
