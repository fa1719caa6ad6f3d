import { z } from 'zod';

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] });

const factor = (name: string) =>
  z.enum(['0', '1', '-1']).meta({
    description: `${name}: \`1\` is a promoter’s praise, \`-1\` anybody else’s complaint, \`0\` not selected.`,
    examples: ['0'],
  });

/** The fixed survey payload, for whoever receives it: every key, in this order, every value a string. */
export const surveyPayloadSchema = z
  .strictObject({
    Webhook_ID: z
      .string()
      .regex(/^[0-9a-f]{13}$/)
      .meta({
        description: 'The same in every attempt and every resend of one delivery: what came before can be told by it.',
        examples: ['a65768befa38a'],
      }),
    Response_ID: z
      .string()
      .regex(/^\d+$/)
      .meta({
        description: 'The response. The same when the customer answers the ticket again; `0` in a test.',
        examples: ['1042'],
      }),
    Response_Datetime_UTC: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
      .meta({ description: 'When it was answered, in UTC: the latest wins.', examples: ['2026-11-22 02:31:05'] }),
    Ticket_ID: text('The ticket; empty for a survey that is about none.', 'INC123456'),
    Support_Group_Code: text('The code of the support group, as the link gave it.', 'SDESK'),
    Support_Group_Name: text('Its name; empty for a code that matches none.', 'Service Desk'),
    Agent_ID: text('Who worked on the ticket; may be empty.', 'adam.agent'),
    Segment_Code: text('The code of the segment; `NONE` without one.', 'NZ'),
    Segment_Name: text('Its name; `No Segment` without one, empty for a code that matches none.', 'New Zealand'),
    Segment_2_Code: text('The code of the second segment; `NONE` without one.', 'NONE'),
    Segment_2_Name: text('Its name; `No Segment` without one, empty for a code that matches none.', 'No Segment'),
    Customer: text('The customer’s id; may be empty.', 'carole.customer'),
    Responsiveness: factor('How soon there was a response'),
    Interpersonal: factor('How the customer was treated'),
    Knowledge: factor('How well the subject was known'),
    Communication: factor('How the customer was kept informed'),
    Speed: factor('How long it took to solve'),
    Confirmation: factor('Whether somebody checked that it was solved'),
    Effort: factor('How easy it was for the customer'),
    Other: factor('Something else'),
    Overall: z
      .string()
      .regex(/^(\d|10)$/)
      .meta({
        description: 'The overall score, `0` to `10`: `9` and `10` are promoters, `7` and `8` passives.',
        examples: ['9'],
      }),
    Comments: text('What the customer wrote. Every line break is a line feed, `\\n` in the JSON.', 'You guys rock!'),
    SR_Notes_URL: z.string().meta({
      description: 'Opens the response’s service-recovery notes for a signed-in member.',
      format: 'uri',
      examples: ['https://answers.example.com/service-recovery-notes?id=1042'],
    }),
    Survey_Description: text('The name of the survey.', 'Survey for DemoCorp'),
    Survey_Language: text('The English name of the language that it was answered in.', 'English'),
  })
  .meta({
    id: 'SurveyPayload',
    description: 'One answer: one JSON object, its keys in this order, every value a string.',
  });

export type SurveyPayload = z.output<typeof surveyPayloadSchema>;

export const wrappedSurveyPayloadSchema = z
  .strictObject({
    sysparm_quantity: z.literal('1').meta({ description: 'What ServiceNow’s catalogue wants to know.' }),
    variables: surveyPayloadSchema,
  })
  .meta({
    id: 'WrappedSurveyPayload',
    description: 'The same in the wrapper of ServiceNow’s catalogue, where the webhook is set to it.',
  });
